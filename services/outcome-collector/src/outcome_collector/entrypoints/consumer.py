"""Takes in events: referrals become Tasks and end them, deliveries are noted on them, access changes become
bars."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from referral_contracts.events import (
    AccessChanged,
    ReferralClosed,
    ReferralHeld,
    ReferralRevoked,
    ReferralRouted,
    ReferralUnroutable,
)
from service_runtime.clock import Clock
from service_runtime.events import ReceivedEvent
from service_runtime.results import Done, Result, Retry
from service_runtime.tokens.bars import Bar, BarTable
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.ports import Unit
from outcome_collector.use_cases.advance_task import Patience
from outcome_collector.use_cases.create_tasks import create_tasks, hold_task
from outcome_collector.use_cases.end_tasks import close, end_unroutable, plan_revocation, withdraw
from outcome_collector.use_cases.note_deliveries import Delivered, note_deliveries

Handle = Callable[[AsyncConnection, Sequence[ReceivedEvent]], Awaitable[Sequence[Result]]]

TASK_NOT_YET = Retry(5.0)
"""The Tasks of a referral come first in its own order; what comes before them has been overtaken on its
way."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the handler needs: transactions on a session, the clock, and the collector's own facts."""

    unit_on: Callable[[AsyncConnection], Unit]
    clock: Clock
    county: str
    patience: Patience
    page_days: float


def handler(taken: Taken, bars: BarTable) -> Handle:
    """The consumer's handler. Events of no concern are done; those of one kind that follow each other are
    handled
    together, so that a poll costs a few statements."""

    async def handle(session: AsyncConnection, events: Sequence[ReceivedEvent]) -> Sequence[Result]:
        unit = taken.unit_on(session)
        results: list[Result] = []
        for run in runs(events):
            told = run[0].data
            if isinstance(told, AccessChanged):
                await bars.note(session, Bar(told.name, told.issued_until, told.until), refused=told.refused)
            results += await _handled(taken, unit, run)
        return results

    return handle


def runs(events: Sequence[ReceivedEvent]) -> Iterator[Sequence[ReceivedEvent]]:
    """Splits `events`, in order, into runs of one type; of routings a run has at most one a referral."""
    run: list[ReceivedEvent] = []
    for event in events:
        if run and not _joins(run, event):
            yield run
            run = []
        run.append(event)
    if run:
        yield run


def _joins(run: Sequence[ReceivedEvent], event: ReceivedEvent) -> bool:
    if isinstance(event.data, Delivered):
        return isinstance(run[0].data, Delivered)
    if isinstance(event.data, ReferralRouted):
        return isinstance(run[0].data, ReferralRouted) and all(
            one.data.referral != event.data.referral for one in run
        )
    return False


async def _handled(taken: Taken, unit: Unit, run: Sequence[ReceivedEvent]) -> Sequence[Result]:
    data = [event.data for event in run]
    first, now = data[0], taken.clock.now
    if isinstance(first, ReferralRouted):
        await create_tasks(unit, data, county=taken.county, at=now(), patience=taken.patience)
    elif isinstance(first, ReferralHeld):
        await hold_task(unit, first, county=taken.county, at=now())
    elif isinstance(first, Delivered):
        await note_deliveries(unit, data, now=now, patience=taken.patience)
    elif isinstance(first, ReferralRevoked | ReferralUnroutable | ReferralClosed):
        return [Done() if await _ended(taken, unit, first, now) else TASK_NOT_YET]
    return [Done()] * len(run)


async def _ended(
    taken: Taken,
    unit: Unit,
    event: ReferralRevoked | ReferralUnroutable | ReferralClosed,
    now: Callable[[], datetime],
) -> bool:
    if isinstance(event, ReferralClosed):
        await close(unit, event.referral, now=now, page_days=taken.page_days)
        return True
    if isinstance(event, ReferralUnroutable):
        return await end_unroutable(unit, event.referral, event.service_request, now=now)
    if event.by == "permission":
        return await withdraw(unit, event.referral, now=now, patience=taken.patience)
    return await plan_revocation(unit, event.referral, event.service_request, now=now)
