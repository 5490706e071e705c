"""Bringing Task A home, to a record system that keeps versions, enforces If-Match and changes Tasks
itself."""

import asyncio
from typing import Any

from outcome_collector.adapters import tables
from outcome_collector.adapters.event_rows import WRITE_BACK
from outcome_collector.adapters.write_back_rows import WriteBackReports
from referral_contracts.events import (
    ReferralRevoked,
    WriteBackExhausted,
    WriteBackSucceeded,
)
from service_runtime.clock import SystemClock
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.completions import Hooks
from service_runtime.delivery.dispatcher import Channel, Dispatcher
from service_runtime.delivery.schedule import Policy
from service_runtime.wakeup import LocalWakeup
from support.collector import EHR, collector, note, progress, reason, status
from support.record_system import Home, claimed_write_back, home

__all__ = ["collector", "home"]


async def test_a_status_comes_home_and_everything_else_stays_as_it_was(home: Home) -> None:
    _, task, url = await home.referral()
    await home.collector.patch(task, status("accepted"), progress("scheduled"), note("Aika maanantaina."))
    assert (await home.bring()).outcome is AttemptClass.DELIVERED
    theirs = home.ehr.task(url)
    assert theirs["status"] == "accepted"
    assert theirs["businessStatus"]["coding"][0]["code"] == "scheduled"
    assert theirs["note"] == [{"text": "Oma muistiinpano."}, {"text": "Aika maanantaina."}]
    assert (theirs["description"], theirs["groupIdentifier"]) == ("Liikuntalähete", {"value": "E-1"})
    assert all(line.authorized for line in home.ehr.requests)


async def test_each_version_comes_home_in_order_and_stale_codes_go(home: Home) -> None:
    _, task, url = await home.referral()
    for step in (
        (status("accepted"), progress("contacted")),
        (status("on-hold"), reason("waiting-for-place")),
        (status("in-progress"),),
        (status("completed"),),
    ):
        await home.collector.patch(task, *step)
    for _ in range(4):
        await home.bring()
    assert home.ehr.statuses(url) == ["requested", "accepted", "on-hold", "in-progress", "completed"]
    assert not {"statusReason", "businessStatus"} & set(home.ehr.task(url))


async def test_what_was_taken_back_here_is_taken_back_there(home: Home) -> None:
    _, task, url = await home.referral()
    await home.collector.patch(task, status("accepted"), note("Väärä asiakas."))
    await home.bring()
    await home.collector.patch(task, {"op": "replace", "path": "/note", "value": [{"text": "Oikea."}]})
    await home.bring()
    assert home.ehr.task(url)["note"] == [{"text": "Oma muistiinpano."}, {"text": "Oikea."}]


async def test_a_task_that_changes_under_us_is_read_again_and_its_change_is_kept(home: Home) -> None:
    _, task, url = await home.referral()
    await home.collector.patch(task, status("accepted"))
    home.ehr.change_before_next_write(url, lambda theirs: theirs.update(description="Muutettu"))
    assert (await home.bring()).outcome is AttemptClass.DELIVERED
    assert home.ehr.answers(url, "PUT") == [412, 200]
    assert (home.ehr.task(url)["status"], home.ehr.task(url)["description"]) == ("accepted", "Muutettu")


async def test_a_task_that_shows_it_already_is_not_written(home: Home) -> None:
    _, task, url = await home.referral()
    await home.collector.patch(task, status("accepted"))
    await home.sender.send(claimed_write_back((await home.collector.rows(tables.WriteBack))[0]))
    assert (await home.bring()).outcome is AttemptClass.DELIVERED
    assert home.ehr.answers(url, "PUT") == [200]


async def test_a_task_that_the_record_system_ended_itself_is_left_alone_and_a_person_is_asked(
    home: Home,
) -> None:
    _, task, url = await home.referral()
    await home.collector.patch(task, status("accepted"))
    home.ehr.change_before_next_write(url, lambda theirs: theirs.update(status="cancelled"))
    assert (await home.bring()).outcome is AttemptClass.CLIENT
    assert home.ehr.task(url)["status"] == "cancelled"


async def test_a_status_that_a_later_one_has_overtaken_waits_for_that_one(home: Home) -> None:
    routed, task, url = await home.referral()
    await home.collector.patch(task, status("accepted"))
    await home.collector.patch(routed.referral, status("cancelled"), reason("no-longer-needed"), by=EHR)
    home.ehr.change_before_next_write(url, lambda theirs: theirs.update(status="cancelled"))
    assert (await home.bring(version=2)).outcome is AttemptClass.DELIVERED
    assert (await home.bring(version=3)).outcome is AttemptClass.DELIVERED
    assert home.ehr.task(url)["statusReason"]["coding"][0]["code"] == "no-longer-needed"


async def test_after_the_permission_was_withdrawn_no_result_goes_home_any_more(home: Home) -> None:
    routed, task, url = await home.referral()
    await home.collector.patch(task, status("accepted"), note("Asiakas kertoi paljon."))
    revoked = ReferralRevoked(
        referral=routed.referral, service_request=routed.service_request, by="permission"
    )
    await home.collector.consume(revoked)
    await home.bring(version=2)
    await home.bring(version=3)
    theirs = home.ehr.task(url)
    assert theirs["note"] == [{"text": "Oma muistiinpano."}]
    assert (theirs["status"], theirs["statusReason"]["coding"][0]["code"]) == (
        "cancelled",
        "permission-withdrawn",
    )


async def test_what_the_record_system_refuses_is_told_apart(home: Home) -> None:
    routed, task, _ = await home.referral()
    await home.collector.patch(task, status("accepted"))
    await home.ehr.server.go_down()
    assert (await home.bring()).outcome is AttemptClass.REFUSED
    await home.ehr.server.come_up()
    gone = await home.collector.route(task_a=home.ehr.new_task_url())
    await home.collector.patch(await home.collector.task_b(gone), status("accepted"))
    rows = await home.collector.rows(tables.WriteBack)
    (row,) = (row for row in rows if row["ordering_key"] == gone.referral)
    assert (await home.sender.send(claimed_write_back(row))).outcome is AttemptClass.CLIENT
    assert routed.referral != gone.referral


async def test_a_record_system_that_was_down_gets_everything_in_order_and_the_gateway_is_told(
    home: Home,
) -> None:
    routed, task, url = await home.referral()
    await home.ehr.server.go_down()
    await home.collector.patch(task, status("accepted"))
    await home.collector.patch(task, status("completed"))
    stop = asyncio.Event()
    dispatching = asyncio.create_task(_dispatcher(home, delays=(0.0, *[0.1] * 100)).run(stop))
    await _until(home, lambda rows: any(row["attempts"] >= 2 for row in rows))
    await home.ehr.server.come_up()
    await _until(home, lambda rows: {row["state"] for row in rows} == {"succeeded"})
    stop.set()
    await dispatching
    assert home.ehr.statuses(url) == ["requested", "accepted", "completed"]
    told = [
        event.body for event in await home.collector.events() if isinstance(event.body, WriteBackSucceeded)
    ]
    assert [(one.version, one.final) for one in told] == [(2, False), (3, True)]
    assert {one.referral for one in told} == {routed.referral}


async def test_a_write_back_that_is_refused_is_told_to_the_gateway_once(home: Home) -> None:
    routed = await home.collector.route(task_a=home.ehr.new_task_url())
    await home.collector.patch(await home.collector.task_b(routed), status("accepted"))
    stop = asyncio.Event()
    dispatching = asyncio.create_task(_dispatcher(home, delays=(0.0, 0.1, 0.1)).run(stop))
    await _until(home, lambda rows: rows[0]["state"] == "exhausted")
    stop.set()
    await dispatching
    told = [
        event.body for event in await home.collector.events() if isinstance(event.body, WriteBackExhausted)
    ]
    assert [(one.referral, one.version) for one in told] == [(routed.referral, 2)]
    (row,) = await home.collector.rows(tables.WriteBack)
    assert (row["attempts"], row["last_outcome"]) == (1, "client_error")


def _dispatcher(home: Home, delays: tuple[float, ...]) -> Dispatcher:
    reports = WriteBackReports(home.collector.outbox)
    policy = Policy(delays, limits=((AttemptClass.CLIENT, 1),)).without_floor()
    home.collector.clock.move(-1)
    return Dispatcher(
        database=home.collector.database,
        deliveries=tables.WriteBack,
        attempts=tables.WriteBackAttempt,
        wakeup=LocalWakeup(),
        channels={WRITE_BACK: Channel(home.sender, policy)},
        clock=SystemClock(),
        hooks=Hooks(reports.succeeded, reports.exhausted, reports.stalled),
        log_event="write_back.attempted",
    )


async def _until(home: Home, fact: Any) -> None:
    """Wait, at most 30 s, until `fact` is true of the write-backs."""
    async with asyncio.timeout(30):
        while not fact(await home.collector.rows(tables.WriteBack)):  # noqa: ASYNC110 rows have no event
            await asyncio.sleep(0.02)
