"""The statements by which a dispatcher takes due deliveries: per endpoint, in order per key, under a
lease."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from service_runtime.clock import Clock
from service_runtime.database.statements import any_of, clock_of_database
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.rows import IN_FLIGHT, SENDING, WAITING
from service_runtime.delivery.sender import Delivery
from service_runtime.ids import new_id

_MOST_RECLAIMED = 200

# Literals, not parameters: only then the planner knows that the partial indexes fit.
_WAITING = literal_column("'waiting'")
_SENDING = literal_column("'sending'")


class Claims:
    """Takes and gives back leases on rows of one pair of tables. Due times compare with the clock that is
    passed in, leases only with the database's."""

    def __init__(self, deliveries: Table, attempts: Table, clock: Clock, lease_seconds: float) -> None:
        self._deliveries = deliveries
        self._attempts = attempts
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._due = _due(deliveries)
        self._reclaim = _run_out(deliveries)
        self._takes: dict[int, ReturningUpdate[Any]] = {}

    async def due(self, session: AsyncConnection) -> tuple[Sequence[str], datetime | None]:
        """The endpoints that have a row due, and when the next row comes due, later than now. Costs by the
        number of endpoints, not of rows."""
        found = (await session.execute(self._due, {"now": self._clock.now()})).all()
        return [row.endpoint for row in found if row.endpoint is not None], found[0].next_due

    async def take(self, session: AsyncConnection, slots: Mapping[str, int]) -> Sequence[Delivery]:
        """Claim, for each endpoint, up to so many due rows, and write the attempt of each: all in one
        statement each. A row whose order key has an earlier open row at the same endpoint is never taken."""
        if not slots:
            return ()
        now, token = self._clock.now(), new_id()
        values: dict[str, Any] = {"now": now, "token": token}
        for number, (endpoint, free) in enumerate(slots.items()):
            values |= {f"endpoint_{number}": endpoint, f"free_{number}": free}
        taken = await session.execute(self._take(len(slots)), values)
        claimed = [_delivery(row, token) for row in taken.mappings().all()]
        if claimed:
            await session.execute(insert(self._attempts), [_attempt(delivery, now) for delivery in claimed])
        return claimed

    def _take(self, endpoints: int) -> ReturningUpdate[Any]:
        """The claim for so many endpoints; made once, because making it takes longer than running it."""
        if endpoints not in self._takes:
            rows = self._deliveries
            heads = [_heads(rows, number) for number in range(endpoints)]
            picked = union_all(*heads).cte("picked")
            self._takes[endpoints] = (
                update(rows)
                .where(rows.c.id.in_(select(picked.c.id)))
                .values(
                    state=SENDING,
                    lease_token=bindparam("token", type_=rows.c.lease_token.type),
                    lease_until=clock_of_database(self._lease_seconds),
                    attempts=rows.c.attempts + 1,
                )
                .returning(rows)
            )
        return self._takes[endpoints]

    async def reclaim(self, session: AsyncConnection) -> int:
        """Make rows with a run-out lease due again and close their attempts as `worker_lost`; how many there
        were."""
        lost = (await session.scalars(self._reclaim)).all()
        return await self._give_back(session, any_of(self._deliveries.c.id, lost)) if lost else 0

    async def release(self, session: AsyncConnection, held: Sequence[Delivery]) -> int:
        """Give up leases before they run out: what is still held under its token is due again at once."""
        rows, by_token = self._deliveries.c, ids_by_token(held)
        return sum(
            [
                await self._give_back(session, and_(rows.lease_token == token, any_of(rows.id, ids)))
                for token, ids in by_token.items()
            ]
        )

    async def _give_back(self, session: AsyncConnection, which: ColumnElement[bool]) -> int:
        lost, rows, attempts = AttemptClass.WORKER_LOST.value, self._deliveries, self._attempts
        found = await session.scalars(
            update(rows)
            .where(which)
            .values(
                state=WAITING, due_at=self._clock.now(), lease_token=None, lease_until=None, last_outcome=lost
            )
            .returning(rows.c.id)
        )
        ids = found.all()
        if ids:
            await session.execute(
                update(attempts)
                .where(any_of(attempts.c.delivery, ids), attempts.c.outcome == IN_FLIGHT)
                .values(outcome=lost)
            )
        return len(ids)


def ids_by_token(held: Iterable[Delivery]) -> Mapping[str, list[str]]:
    """The ids of `held` under the token of each claim: a write names both, so that a lost lease writes
    nothing."""
    found: dict[str, list[str]] = {}
    for delivery in held:
        found.setdefault(delivery.token, []).append(delivery.id)
    return found


def _due(deliveries: Table) -> Select[Any, Any]:
    """A row for each due endpoint, or one without; each says when the next row comes due."""
    rows = deliveries.c
    later = rows.due_at > bindparam("now", type_=rows.due_at.type)
    next_due = select(func.min(rows.due_at).label("next_due")).where(rows.state == _WAITING, later).subquery()
    due = _due_endpoints(deliveries).subquery()
    return select(due.c.endpoint, next_due.c.next_due).select_from(next_due.outerjoin(due, true()))


def _run_out(deliveries: Table) -> Select[Any]:
    rows = deliveries.c
    run_out = (rows.state == _SENDING, rows.lease_until < clock_of_database())
    return select(rows.id).where(*run_out).limit(_MOST_RECLAIMED).with_for_update(skip_locked=True)


def _due_endpoints(deliveries: Table) -> Select[Any]:
    # A loose index scan: from each endpoint straight to the next one, past all rows in between.
    rows, later, due = deliveries.alias(), deliveries.alias(), deliveries.alias()
    walk = select(func.min(rows.c.endpoint).label("endpoint")).where(rows.c.state == _WAITING)
    steps = walk.cte("steps", recursive=True)
    following = select(func.min(later.c.endpoint)).where(
        later.c.state == _WAITING, later.c.endpoint > steps.c.endpoint
    )
    steps = steps.union_all(select(following.scalar_subquery()).where(steps.c.endpoint.is_not(None)))
    is_due = exists().where(
        due.c.endpoint == steps.c.endpoint,
        due.c.state == _WAITING,
        due.c.due_at <= bindparam("now", type_=due.c.due_at.type),
    )
    return select(steps.c.endpoint).where(steps.c.endpoint.is_not(None), is_due)


def _heads(deliveries: Table, number: int) -> Select[Any]:
    """The ids that the endpoint of this number may have claimed: due, and the first open one of their key."""
    rows, earlier = deliveries.alias(), deliveries.alias()
    waits = exists().where(
        earlier.c.endpoint == rows.c.endpoint,
        earlier.c.ordering_key == rows.c.ordering_key,
        earlier.c.sequence < rows.c.sequence,
        earlier.c.state.in_([_WAITING, _SENDING]),
    )
    heads = (
        select(rows.c.id)
        .where(
            rows.c.endpoint == bindparam(f"endpoint_{number}", type_=rows.c.endpoint.type),
            rows.c.state == _WAITING,
            rows.c.due_at <= bindparam("now", type_=rows.c.due_at.type),
            ~waits,
        )
        .order_by(rows.c.due_at, rows.c.sequence)
        .limit(bindparam(f"free_{number}", type_=Integer()))
        .with_for_update(skip_locked=True, of=rows)
        .subquery()
    )
    return select(heads.c.id)


def _delivery(row: Mapping[Any, Any], token: str) -> Delivery:
    return Delivery(
        id=row["id"],
        event_id=row["event_id"],
        endpoint=row["endpoint"],
        channel=row["channel"],
        ordering_key=row["ordering_key"],
        sequence=row["sequence"],
        payload=row["payload"],
        created_at=row["created_at"],
        attempt=row["attempts"],
        attempt_id=new_id(),
        spent=row["spent"],
        fault_since=row["fault_since"],
        stalled=row["stalled"],
        token=token,
    )


def _attempt(delivery: Delivery, now: datetime) -> Mapping[str, Any]:
    return {
        "id": delivery.attempt_id,
        "delivery": delivery.id,
        "number": delivery.attempt,
        "outcome": IN_FLIGHT,
        "started_at": now,
    }
