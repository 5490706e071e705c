"""Writes how attempts ended: many in one transaction, each only while its lease still holds."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service_runtime.database.engine import Database
from service_runtime.database.statements import any_of
from service_runtime.delivery.claims import ids_by_token
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.pace import Paces
from service_runtime.delivery.rows import EXHAUSTED, IN_FLIGHT, STOPPED, SUCCEEDED, WAITING
from service_runtime.delivery.schedule import Decision
from service_runtime.delivery.sender import Settled
from service_runtime.logs import logger

Hook = Callable[[AsyncConnection, Sequence[Settled]], Awaitable[None]]
"""Gets a batch in the transaction that writes its new state: what it adds is true together with it."""

_MOST = 200
_log = logger()


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt that ended and what was decided on it."""

    settled: Settled
    decision: Decision


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the service adds: to a success, to a delivery given up, to one that our own fault holds up for
    long, and to one that its sender stopped."""

    succeeded: Hook | None = None
    exhausted: Hook | None = None
    stalled: Hook | None = None
    stopped: Hook | None = None


@dataclass
class Completions:
    """A small buffer before the database. `written` is called with each group after its commit."""

    database: Database
    deliveries: Table
    attempts: Table
    hooks: Hooks
    written: Callable[[Sequence[Ended]], None]
    paces: Paces | None = None
    linger_seconds: float = 0.1
    again_seconds: float = 0.5
    _waiting: list[Ended] = field(default_factory=list[Ended])
    _some: asyncio.Event = field(default_factory=asyncio.Event)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def add(self, ended: Ended) -> None:
        self._waiting.append(ended)
        self._some.set()

    async def run(self) -> None:
        """Write until cancelled. What the database does not take is kept and tried again: the lease's token
        makes a late write harmless."""
        while True:
            await self._some.wait()
            await asyncio.sleep(self.linger_seconds)
            if not await self.flush():
                await asyncio.sleep(self.again_seconds)

    async def flush(self) -> bool:
        """Write what waits, after what is being written; false when something of it has to be tried again."""
        async with self._writing:
            self._some.clear()
            waiting, self._waiting = self._waiting, []
            ok = True
            for start in range(0, len(waiting), _MOST):
                ok &= await self._write_or_keep(waiting[start : start + _MOST])
            return ok

    async def _write_or_keep(self, group: Sequence[Ended]) -> bool:
        try:
            await self._write(group)
        except Exception as error:  # noqa: BLE001 whatever it is, the outcomes are kept and tried again
            _log.warning("delivery.completion_failed", error=type(error).__name__, count=len(group))
            if len(group) > 1:
                # One that cannot be written must not hold up the others.
                return all([await self._write_or_keep([one]) for one in group])
            self._waiting.extend(group)
            self._some.set()
            return False
        self.written(group)
        return True

    async def _write(self, group: Sequence[Ended]) -> None:
        async with self.database.write() as session:
            held = await self._write_successes(session, [e for e in group if e.decision.state == SUCCEEDED])
            for ended in group:
                if ended.decision.state != SUCCEEDED and await self._write_one(session, ended):
                    held.append(ended)
            await self._complete_attempts(session, held)
            await self._tell(session, held)
            if self.paces is not None:
                await self.paces.settle(session, [ended.settled for ended in held])

    async def _write_successes(self, session: AsyncConnection, group: Sequence[Ended]) -> list[Ended]:
        rows, held = self.deliveries, set[tuple[str, str]]()
        for token, ids in ids_by_token(ended.settled.delivery for ended in group).items():
            found = await session.scalars(
                update(rows)
                .where(rows.c.lease_token == token, any_of(rows.c.id, ids))
                .values(
                    **_ENDS,
                    state=SUCCEEDED,
                    spent=rows.c.spent + 1,
                    last_outcome=AttemptClass.DELIVERED.value,
                    ended_at=group[-1].settled.at,
                    fault_since=None,
                )
                .returning(rows.c.id)
            )
            held.update((token, written) for written in found)
        return [e for e in group if (e.settled.delivery.token, e.settled.delivery.id) in held]

    async def _write_one(self, session: AsyncConnection, ended: Ended) -> bool:
        rows, delivery, decision = self.deliveries, ended.settled.delivery, ended.decision
        found = await session.scalar(
            update(rows)
            .where(rows.c.id == delivery.id, rows.c.lease_token == delivery.token)
            .values(
                **_ENDS,
                state=decision.state,
                due_at=decision.due_at,
                spent=decision.spent,
                last_outcome=ended.settled.attempted.outcome.value,
                fault_since=decision.fault_since,
                stalled=delivery.stalled or decision.reports_fault,
                ended_at=None if decision.state == WAITING else ended.settled.at,
            )
            .returning(rows.c.id)
        )
        return found is not None

    async def _complete_attempts(self, session: AsyncConnection, group: Sequence[Ended]) -> None:
        if not group:
            return
        rows = self.attempts
        await session.execute(
            update(rows).where(rows.c.id == bindparam("attempt_id"), rows.c.outcome == IN_FLIGHT),
            [_attempt_values(ended.settled) for ended in group],
        )

    async def _tell(self, session: AsyncConnection, held: Sequence[Ended]) -> None:
        for hook, those in (
            (self.hooks.succeeded, [e.settled for e in held if e.decision.state == SUCCEEDED]),
            (self.hooks.exhausted, [e.settled for e in held if e.decision.state == EXHAUSTED]),
            (self.hooks.stalled, [e.settled for e in held if e.decision.reports_fault]),
            (self.hooks.stopped, [e.settled for e in held if e.decision.state == STOPPED]),
        ):
            if hook is not None and those:
                await hook(session, those)


_ENDS: Mapping[str, Any] = {"lease_token": None, "lease_until": None}


def _attempt_values(settled: Settled) -> Mapping[str, Any]:
    attempted = settled.attempted
    return {
        "attempt_id": settled.delivery.attempt_id,
        "outcome": attempted.outcome.value,
        "duration_ms": round(attempted.duration * 1000),
        "status_code": attempted.status_code,
        "answer_length": attempted.length,
        "answer_digest": attempted.digest,
    }
