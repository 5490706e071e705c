"""Reports that are written without a lock: nothing is decided on what has changed meanwhile, and polls miss
nothing. On PostgreSQL; SQLite has one writer, and reports wait for it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from outcome_collector.domain.task_search import Between, Search
from outcome_collector.ports import Decision, OneChange, OneReferral
from outcome_collector.use_cases.announce_overdue import announce_overdue
from outcome_collector.use_cases.record_outcome import Recorded, Report, record_outcome
from referral_contracts.errors import LahettiError
from support.clocks import StandingClock
from support.collector import EHR, PROVIDER, Collector, collector, note, reason, routing, status
from support.settling import until_settled

__all__ = ["collector"]
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

Meanwhile = Callable[[], Awaitable[object]]


class Interrupted:
    """A decision that something else comes before, when it is about to be written. It counts its tries."""

    def __init__(self, collector: Collector, report: Report, *meanwhile: Meanwhile) -> None:
        self._collector, self._report = collector, report
        self._meanwhile = list(meanwhile)
        self.tries = 0

    async def __call__(self, unit: OneChange) -> Recorded:
        self.tries += 1
        return await record_outcome(
            _Late(unit, self._comes_between),
            self._report,
            now=self._collector.clock.now,
            patience=self._collector.patience,
        )

    async def _comes_between(self) -> None:
        if self._meanwhile:
            await self._meanwhile.pop()()


class _Late:
    """A change that something comes before."""

    def __init__(self, unit: OneChange, before: Meanwhile) -> None:
        self._unit, self._before = unit, before

    @property
    def tasks(self) -> OneReferral:
        return self._unit.tasks

    async def keep(self, decision: Decision) -> None:
        await self._before()
        await self._unit.keep(decision)


async def test_one_that_nobody_comes_before_is_written_at_once(collector: Collector) -> None:
    task = await collector.task_b(await collector.route())
    report = Interrupted(collector, Report(task, 1, [status("accepted")], PROVIDER))
    await collector.units.change(report)
    assert (report.tries, (await collector.row(task))["status"]) == (1, "accepted")


async def test_of_two_on_one_version_the_later_is_refused(collector: Collector) -> None:
    task = await collector.task_b(await collector.route())
    report = Interrupted(
        collector,
        Report(task, 1, [status("accepted")], PROVIDER),
        lambda: collector.patch(task, status("rejected"), reason("wrong-referral")),
    )
    with pytest.raises(LahettiError) as refused:
        await collector.units.change(report)
    assert [issue.slug for issue in refused.value.issues] == ["version-conflict"]
    assert report.tries == 2
    assert (await collector.row(task))["status"] == "rejected"
    assert await collector.versions(task) == [1, 2]
    told = [
        event.body.status for event in await collector.events() if event.body.type == "task.status-changed"
    ]
    assert (told.count("rejected"), told.count("accepted")) == (1, 0)


async def test_a_new_routing_is_known_to_a_decision_that_it_comes_before(collector: Collector) -> None:
    """INVARIANT: nobody decides on a referral without knowing all its Tasks: what an earlier provider says
    is no more the referral's state once another was asked."""
    first = await collector.route()
    task = await collector.task_b(first)
    again = routing(collector.clock, referral=first.referral)
    await collector.patch(task, status("accepted"))
    await collector.patch(task, status("in-progress"))
    report = Interrupted(
        collector, Report(task, 3, [status("completed")], PROVIDER), lambda: collector.consume(again)
    )
    shown = (await collector.row(first.referral))["status"]
    await collector.units.change(report)
    assert report.tries == 2
    assert (await collector.row(task))["status"] == "completed"
    assert (await collector.row(first.referral))["status"] == shown != "completed"


async def test_a_change_that_readers_do_not_see_is_not_lost(collector: Collector) -> None:
    """The sweep counts how often it has asked after a Task, which is no new version of it."""
    task = await collector.task_b(await collector.route())
    collector.clock.move(collector.patience.delivery + 1)

    async def sweep() -> None:
        async with collector.units.write() as unit:
            assert await announce_overdue(unit, collector.clock.now(), collector.patience) == 1

    report = Interrupted(collector, Report(task, 1, [note("Soitettu.")], PROVIDER), sweep)
    await collector.units.change(report)
    row = await collector.row(task)
    assert (report.tries, row["version"], row["watch_times"]) == (2, 2, 1)


async def test_one_that_comes_too_late_for_polls_is_decided_again(collector: Collector) -> None:
    task = await collector.task_b(await collector.route())
    report = Interrupted(
        collector, Report(task, 1, [status("accepted")], PROVIDER), partial(asyncio.sleep, 0.6)
    )
    await collector.units.change(report)
    assert (report.tries, (await collector.row(task))["version"]) == (2, 2)


async def test_what_is_refused_leaves_nothing_behind(collector: Collector) -> None:
    first = await collector.route()
    events = await collector.events()
    with pytest.raises(LahettiError):
        await collector.patch(await collector.task_b(first), status("draft"))
    assert await collector.events() == events


async def test_many_at_once_follow_one_another(collector: Collector) -> None:
    """INVARIANT: a referral has one order: of 40 reports on one Task that are made together each is done on
    the version it was made on, or refused."""
    task = await collector.task_b(await collector.route())

    async def one(number: int) -> int:
        tries = 0
        while True:
            tries += 1
            refused = await _refused(collector.patch(task, note(f"Käynti {number}.")))
            if not refused:
                return tries
            assert refused == ["version-conflict"]

    tries = await asyncio.gather(*map(one, range(40)))
    assert (await collector.row(task))["version"] == 41
    assert await collector.versions(task) == list(range(1, 42))
    assert sum(tries) > 40, "none met another: nothing was shown"


async def _refused(patch: Awaitable[Recorded]) -> list[str]:
    try:
        await patch
    except LahettiError as refused:
        return [issue.slug for issue in refused.issues]
    return []


class _Now(StandingClock):
    """The time that it is."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def now(collector: Collector) -> Collector:
    return Collector(collector.database, clock=_Now())


async def test_a_poll_passes_over_nothing_that_is_being_written(now: Collector) -> None:
    """INVARIANT: whoever asks on from the newest that it has seen gets every change, though a change has its
    time up to half a second before it is written, and others come between."""
    first, second = [await now.task_b(await now.route()) for _ in range(2)]
    seen: list[str] = []
    since = now.clock.now()

    async def poll() -> None:
        nonlocal since
        async with now.units.single() as unit:
            later = Between("changed", since + timedelta(milliseconds=1), None)
            found = await unit.reader.search(Search(times=((later,),)), PROVIDER, since)
        seen.extend(task.id for task in found.tasks)
        since = max([since, *(task.last_updated for task in found.tasks)])

    async def another_is_faster() -> None:
        await asyncio.sleep(0.01)
        await now.patch(second, status("accepted"))
        for _ in range(10):
            await asyncio.sleep(0.01)
            await poll()

    report = Interrupted(now, Report(first, 1, [status("accepted")], PROVIDER), another_is_faster)
    await now.units.change(report)
    await asyncio.sleep(0.6)
    await until_settled(now.database)
    await poll()
    assert sorted(seen) == sorted([first, second])


async def test_a_record_systems_report_goes_the_same_way(collector: Collector) -> None:
    first = await collector.route()
    cancelled = [status("cancelled"), reason("no-longer-needed")]
    await collector.patch(first.referral, *cancelled, by=EHR)
    assert (await collector.row(first.referral))["status"] == "cancelled"
    assert (await collector.row(await collector.task_b(first)))["status"] == "cancelled"
