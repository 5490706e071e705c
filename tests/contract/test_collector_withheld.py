"""Without a permission to return, Task A tells its status and `withheld`, on every way out (D2); once the
permission has ended, a Task B tells its provider no more than that either."""

from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
from referral_contracts.events import ReferralRevoked, ReferralRouted
from referral_contracts.systems import OUTPUT_TYPE
from support.collector import collector, note, progress, progress_of, reason, reason_of, status
from support.collector_door import Caller, Door, door, ehr, provider
from support.settling import until_settled

__all__ = ["collector", "door", "ehr", "provider"]

MARK = "kylmyys"
"""Stands in every text that the provider writes; none of it may be found where nothing is returned."""
TOLD = ("note", "output", "contained", "businessStatus", "executionPeriod", "reasonCode")


async def _lived(door: Door, **facts: Any) -> ReferralRouted:
    """A referral whose provider accepted, reported, paused and failed, each with words."""
    routed = await door.collector.route(**facts)
    task = await door.collector.task_b(routed)
    output = {
        "type": {"coding": [{"system": OUTPUT_TYPE, "code": "resulting-activity"}]},
        "valueString": MARK,
    }
    period = {"op": "add", "path": "/executionPeriod", "value": {"start": "2026-03-01"}}
    await door.collector.patch(task, status("accepted"), progress("contact-attempted"), note(MARK))
    await door.collector.patch(task, {"op": "add", "path": "/output", "value": [output]}, period)
    await door.collector.patch(task, status("on-hold"), reason("waiting-for-client", text=MARK))
    await door.collector.patch(task, status("failed"), reason("client-not-reached", text=MARK))
    return routed


def _is_bare(document: dict[str, Any], *, named: str = "withheld") -> None:
    assert MARK not in orjson.dumps(document).decode()
    assert not set(TOLD) & document.keys()
    wanted = named if document["status"] in {"rejected", "on-hold", "cancelled", "failed"} else None
    assert reason_of(document) == wanted


async def test_what_is_returned_is_there_to_be_withheld(door: Door, ehr: Caller) -> None:
    """The other tests look for a mark: with a permission to return it is found in all those places."""
    routed = await _lived(door)
    for path in ("", "/_history", "/_history/2"):
        assert MARK in (await ehr.get(f"/fhir/Task/{routed.referral}{path}")).text
    assert MARK in (await ehr.get("/fhir/Task")).text
    (a,) = _resources(await ehr.get("/fhir/Task"))
    assert (a["status"], reason_of(a)) == ("failed", "client-not-reached")


async def test_a_read_withholds(door: Door, ehr: Caller) -> None:
    routed = await _lived(door, return_permitted=False)
    answer = await ehr.get(f"/fhir/Task/{routed.referral}")
    assert (answer.json()["status"], reason_of(answer.json())) == ("failed", "withheld")
    _is_bare(answer.json())


async def test_a_version_that_the_reader_has_is_told_anew_once_it_is_withheld(
    door: Door, ehr: Caller
) -> None:
    """Else a record system would go on showing, as still so, what it may no longer be told."""
    routed = await _lived(door, return_permitted=False)
    version = (await ehr.get(f"/fhir/Task/{routed.referral}")).headers["etag"]
    answer = await ehr.get(f"/fhir/Task/{routed.referral}", **{"If-None-Match": version})
    assert answer.status_code == 200
    _is_bare(answer.json())


async def test_every_version_of_the_history_withholds(door: Door, ehr: Caller) -> None:
    routed = await _lived(door, return_permitted=False)
    history = _resources(await ehr.get(f"/fhir/Task/{routed.referral}/_history"))
    assert [one["status"] for one in history] == ["failed", "on-hold", "accepted", "requested"]
    for version, document in zip((4, 3, 2, 1), history, strict=True):
        _is_bare(document)
        assert (await ehr.get(f"/fhir/Task/{routed.referral}/_history/{version}")).json() == document


@pytest.mark.parametrize("query", ["", "?status=failed", "?_lastUpdated=ge2020-01-01", "?_count=1"])
async def test_a_search_and_a_poll_withhold(door: Door, ehr: Caller, query: str) -> None:
    await _lived(door, return_permitted=False)
    await until_settled(door.collector.database)
    (found,) = _resources(await ehr.get(f"/fhir/Task{query}"))
    assert found["status"] == "failed"
    _is_bare(found)


async def test_the_answer_to_the_referrer_s_own_patch_withholds(door: Door, ehr: Caller) -> None:
    routed = await door.collector.route(return_permitted=False)
    task = await door.collector.task_b(routed)
    await door.collector.patch(task, status("accepted"), progress("scheduled"), note(MARK))
    version = (await door.collector.row(routed.referral))["version"]
    answer = await ehr.patch(
        routed.referral, f'W/"{version}"', status("cancelled"), reason("no-longer-needed")
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    _is_bare(answer.json())


async def test_the_trace_withholds(door: Door) -> None:
    staff = door.caller("staff", "coordinator", "lahetti/trace.r")
    open_steps = await _told(staff, await _lived(door))
    assert "Task accepted, contact-attempted" in open_steps
    closed_steps = await _told(staff, await _lived(door, return_permitted=False))
    assert sorted(closed_steps) == [
        *["Task A accepted", "Task A failed, withheld", "Task A on-hold, withheld", "Task A requested"],
        *["Task accepted", "Task accepted", "Task failed, withheld", "Task on-hold, withheld"],
        "Task requested",
    ]


async def test_a_permission_to_return_ends_with_its_period(door: Door, ehr: Caller) -> None:
    until = door.collector.clock.now() + timedelta(days=30)
    routed = await _lived(door, return_until=until)
    path = f"/fhir/Task/{routed.referral}"
    assert MARK in (await ehr.get(path)).text
    door.collector.clock.move(30 * 86_400)
    for where in (path, f"{path}/_history/2"):
        _is_bare((await ehr.get(where)).json())
    for document in (
        *_resources(await ehr.get(f"{path}/_history")),
        *_resources(await ehr.get("/fhir/Task")),
    ):
        _is_bare(document)


async def test_what_is_reported_after_the_period_is_never_carried(door: Door) -> None:
    until = door.collector.clock.now() + timedelta(days=1)
    routed = await door.collector.route(return_until=until)
    task = await door.collector.task_b(routed)
    await door.collector.patch(task, status("accepted"), progress("scheduled"))
    door.collector.clock.move(86_400)
    await door.collector.patch(task, status("failed"), reason("client-died"), note(MARK))
    a = await door.collector.document(routed.referral)
    assert (a["status"], reason_of(a), progress_of(a)) == ("failed", "withheld", None)
    assert "note" not in a


async def test_after_a_withdrawal_nobody_reads_what_was_reported_before(
    door: Door, ehr: Caller, provider: Caller
) -> None:
    routed = await _lived(door)
    task = await door.collector.task_b(routed)
    await door.collector.consume(_withdrawn(routed))
    for caller, one in ((ehr, routed.referral), (provider, task)):
        _is_bare((await caller.get(f"/fhir/Task/{one}")).json())
        for document in _resources(await caller.get(f"/fhir/Task/{one}/_history")):
            _is_bare(document)
        for document in _resources(await caller.get("/fhir/Task")):
            _is_bare(document)


async def test_a_task_cancelled_by_a_withdrawal_says_so_to_both_sides(
    door: Door, ehr: Caller, provider: Caller
) -> None:
    routed = await door.collector.route()
    task = await door.collector.task_b(routed)
    await door.collector.patch(task, status("accepted"), progress("scheduled"), note(MARK))
    await door.collector.consume(_withdrawn(routed))
    for caller, one in ((ehr, routed.referral), (provider, task)):
        shown = (await caller.get(f"/fhir/Task/{one}")).json()
        assert (shown["status"], reason_of(shown)) == ("cancelled", "permission-withdrawn")
        _is_bare(shown, named="permission-withdrawn")


async def test_a_provider_reads_no_more_than_the_status_once_the_permission_s_period_is_over(
    door: Door, provider: Caller
) -> None:
    until = door.collector.clock.now() + timedelta(days=1)
    routed = await door.collector.route(permitted_until=until)
    task = await door.collector.task_b(routed)
    await door.collector.patch(task, status("accepted"), note(MARK))
    assert MARK in (await provider.get(f"/fhir/Task/{task}")).text
    door.collector.clock.move(86_400)
    for path in (f"/fhir/Task/{task}", f"/fhir/Task/{task}/_history/2"):
        _is_bare((await provider.get(path)).json())
    (found,) = _resources(await provider.get("/fhir/Task"))
    _is_bare(found)
    answer = await provider.patch(task, 'W/"2"', status("completed"))
    assert answer.json()["status"] == "completed"
    _is_bare(answer.json())


async def _told(staff: Caller, routed: ReferralRouted) -> list[str]:
    steps = (await staff.get(f"/collector/trace/{routed.referral}")).json()["steps"]
    assert all(step["ids"].keys() <= {"task", "version", "provider"} for step in steps)
    return [step["what"] for step in steps]


def _withdrawn(routed: ReferralRouted) -> ReferralRevoked:
    return ReferralRevoked(referral=routed.referral, service_request=routed.service_request, by="permission")


def _resources(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [entry["resource"] for entry in answer.json()["entry"]]
