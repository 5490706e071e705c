"""A revocation whose reason cannot be read is tried for long, becomes a person's business, and ends."""

import pytest
from outcome_collector.adapters import tables
from outcome_collector.adapters.revocation_jobs import ASK_AFTER, MOST_TRIES, RevocationJobs
from referral_contracts.events import ReferralRevoked, TaskStranded
from support.collector import Collector, collector

__all__ = ["collector"]


@pytest.fixture
async def jobs(collector: Collector) -> RevocationJobs:
    return RevocationJobs(collector.database, collector.outbox, collector.clock, 1.0)


async def _planned(collector: Collector) -> str:
    routed = await collector.route()
    await collector.consume(
        ReferralRevoked(referral=routed.referral, service_request=routed.service_request, by="referrer")
    )
    return routed.referral


async def _fail(collector: Collector, jobs: RevocationJobs, times: int) -> list[bool]:
    """The next tries fail, each when it is due; whether each leaves another."""
    going_on: list[bool] = []
    for _ in range(times):
        due = await jobs.next_due()
        assert due is not None
        collector.clock.move(max(0.0, (due - collector.clock.now()).total_seconds()))
        (job,) = await jobs.due()
        going_on.append(await jobs.failed(job))
    return going_on


async def _cases(collector: Collector) -> list[TaskStranded]:
    return [event.body for event in await collector.events() if isinstance(event.body, TaskStranded)]


async def test_after_some_tries_a_person_is_told_once_and_it_goes_on_by_the_hour(
    collector: Collector, jobs: RevocationJobs
) -> None:
    referral, began = await _planned(collector), collector.clock.now()
    assert all(await _fail(collector, jobs, ASK_AFTER - 1))
    assert await _cases(collector) == []
    assert all(await _fail(collector, jobs, 3))
    (case,) = await _cases(collector)
    assert (case.referral, case.missing) == (referral, "revocation")
    assert (collector.clock.now() - began).total_seconds() > 2 * 3600
    due = await jobs.next_due()
    assert due is not None
    assert (due - collector.clock.now()).total_seconds() == 3600


async def test_it_is_not_tried_for_ever(collector: Collector, jobs: RevocationJobs) -> None:
    await _planned(collector)
    going_on = await _fail(collector, jobs, MOST_TRIES)
    assert going_on == [True] * (MOST_TRIES - 1) + [False]
    assert (await jobs.next_due(), await jobs.due()) == (None, [])
    (row,) = await collector.rows(tables.Revocation)
    assert row["done_at"] is not None
    assert len(await _cases(collector)) == 1


async def test_a_try_that_two_processes_made_counts_once(collector: Collector, jobs: RevocationJobs) -> None:
    await _planned(collector)
    await _fail(collector, jobs, ASK_AFTER - 2)
    collector.clock.move(3600)
    (job,) = await jobs.due()
    assert [await jobs.failed(job), await jobs.failed(job)] == [True, True]
    (row,) = await collector.rows(tables.Revocation)
    assert row["attempts"] == ASK_AFTER - 1
