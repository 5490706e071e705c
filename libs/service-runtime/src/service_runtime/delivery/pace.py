"""The rate of attempts at one endpoint: a receiver that answers 429 gets half as many (delivery rule 6).

The pace is kept in the database, beside the deliveries: every dispatcher goes by it, and so does the next
process after a restart. An endpoint without a row has no limit but the places that it has at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service_runtime.database.engine import tell_after_commit
from service_runtime.database.statements import any_of, insert_ignore
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.sender import Settled
from service_runtime.logs import logger

_log = logger()


@dataclass(frozen=True, slots=True)
class PaceLimits:
    """`full_per_second`: the rate that is halved first, and from which on there is no limit again;
    `least_per_second`: halving ends there; `ease_seconds`: how long a rate holds before it is doubled;
    `retry_after_most`: how much of a receiver's Retry-After is honoured, in seconds."""

    full_per_second: float = 16.0
    least_per_second: float = 1 / 60
    ease_seconds: float = 60.0
    retry_after_most: float = 3600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """One endpoint's pace; the fields are those of `PaceRow`."""

    pause_seconds: float
    next_at: datetime
    slowed_at: datetime
    eases_at: datetime


def slowed(
    pace: Pace | None, began: datetime, at: datetime, retry_after: float | None, limits: PaceLimits
) -> Pace:
    """The pace after a 429 at `at` to an attempt that began at `began`: half the rate.

    Attempts that were under way when the rate was halved last say nothing new: they were sent at the old
    rate. `retry_after` (seconds) holds back the whole endpoint.
    """
    if pace is not None and began <= pace.slowed_at:
        return pace
    pause = 2 * (pace.pause_seconds if pace else 1 / limits.full_per_second)
    pause = min(pause, 1 / limits.least_per_second)
    wait = max(pause, min(retry_after or 0.0, limits.retry_after_most))
    next_at = at + timedelta(seconds=wait)
    return Pace(pause, next_at, at, next_at + timedelta(seconds=limits.ease_seconds))


def let_go(pace: Pace, now: datetime, limits: PaceLimits) -> Pace | None:
    """The pace once an attempt has been let go at `now`; None where the endpoint is at full speed again."""
    pause, eases_at = pace.pause_seconds, pace.eases_at
    if now >= eases_at:
        pause, eases_at = pause / 2, now + timedelta(seconds=limits.ease_seconds)
    if pause <= 1 / limits.full_per_second:
        return None
    return Pace(pause, now + timedelta(seconds=pause), pace.slowed_at, eases_at)


class Paces:
    """The paces of one service's endpoints, in its table `paces`."""

    def __init__(self, paces: Table, limits: PaceLimits | None = None) -> None:
        self._paces = paces
        self._limits = limits or PaceLimits()

    async def grant(
        self, session: AsyncConnection, slots: Mapping[str, int], now: datetime
    ) -> tuple[Mapping[str, int], datetime | None]:
        """`slots` as far as the endpoints' paces let them go at `now` (a slowed endpoint gets one, or none),
        and when the next of those held back may go. Writes what it grants, in the claim's transaction."""
        granted, held_back = dict(slots), list[datetime]()
        for endpoint, pace in (await self._locked(session, slots)).items():
            if now < pace.next_at:
                del granted[endpoint]
                held_back.append(pace.next_at)
                continue
            granted[endpoint] = 1
            following = let_go(pace, now, self._limits)
            await self._write(session, endpoint, following)
            if following is not None:
                held_back.append(following.next_at)
            else:
                tell_after_commit(session, lambda endpoint=endpoint: _full(endpoint))
        return granted, min(held_back, default=None)

    async def settle(self, session: AsyncConnection, settled: Iterable[Settled]) -> None:
        """Halve the rate of the endpoints that answered 429 to one of `settled`, in its transaction."""
        refused = [one for one in settled if one.attempted.outcome is AttemptClass.RATE_LIMITED]
        by_endpoint = {one.delivery.endpoint: one for one in refused}
        if not by_endpoint:
            return
        known = await self._locked_or_made(session, by_endpoint, refused[0].at)
        for one in refused:
            endpoint, attempted = one.delivery.endpoint, one.attempted
            before = known.get(endpoint)
            began = one.at - timedelta(seconds=attempted.duration)
            pace = slowed(before, began, one.at, attempted.retry_after, self._limits)
            if pace is not before:
                known[endpoint] = pace
                await self._write(session, endpoint, pace)
                tell_after_commit(session, lambda e=endpoint, p=pace: _slower(e, p))

    async def _locked_or_made(
        self, session: AsyncConnection, endpoints: Iterable[str], at: datetime
    ) -> dict[str, Pace]:
        """The paces of `endpoints`, each row locked; who has none gets a row to lock, and is not told."""
        empty = asdict(Pace(0.0, at, at, at))
        rows = [{"endpoint": endpoint} | empty for endpoint in sorted(endpoints)]
        made = await session.scalars(insert_ignore(session, self._paces, rows, self._paces.c.endpoint))
        new = set(made.all())
        known = await self._locked(session, [row["endpoint"] for row in rows])
        return {endpoint: pace for endpoint, pace in known.items() if endpoint not in new}

    async def _locked(self, session: AsyncConnection, endpoints: Iterable[str]) -> Mapping[str, Pace]:
        """The paces of those of `endpoints` that have one, in one order for everybody."""
        rows = self._paces.c
        found = await session.execute(
            select(rows.endpoint, rows.pause_seconds, rows.next_at, rows.slowed_at, rows.eases_at)
            .where(any_of(rows.endpoint, sorted(endpoints)))
            .order_by(rows.endpoint)
            .with_for_update()
        )
        return {endpoint: Pace(*pace) for endpoint, *pace in found.all()}

    async def _write(self, session: AsyncConnection, endpoint: str, pace: Pace | None) -> None:
        its = self._paces.c.endpoint == endpoint
        if pace is None:
            await session.execute(delete(self._paces).where(its))
        else:
            await session.execute(update(self._paces).where(its).values(asdict(pace)))


def _slower(endpoint: str, pace: Pace) -> None:
    _log.warning("delivery.slowed", endpoint=endpoint, in_seconds=round(pace.pause_seconds, 3))


def _full(endpoint: str) -> None:
    _log.info("delivery.full_pace", endpoint=endpoint)


async def slowed_endpoints(session: AsyncConnection, paces: Table) -> Sequence[str]:
    """The endpoints that get less than full speed, by id."""
    return (await session.scalars(select(paces.c.endpoint).order_by(paces.c.endpoint))).all()
