"""POST /fhir/Task: the referrer's wish to stop, which does what its PATCH of Task A to cancelled does."""

from typing import Any

import pytest
from outcome_collector.adapters import tables
from referral_contracts.events import ReferralRevoked, TaskCancellationRequested, TaskCancelled
from referral_contracts.fhir.validation import validate
from referral_contracts.systems import CANONICAL
from support.collector import (
    EHR,
    Collector,
    collector,
    note,
    progress_of,
    reason,
    reason_of,
    status,
)
from support.collector_door import BASE, Caller, Door, door, ehr, provider
from support.web_app import slug
from support.wishes import started, wish_to_stop, wishes

__all__ = ["collector", "door", "ehr", "provider"]


async def test_before_anything_has_started_the_referral_is_cancelled_at_once(door: Door, ehr: Caller) -> None:
    routed = await door.collector.route()
    answer = await ehr.post(wish_to_stop(routed.referral, note="Asiakas muutti."))
    assert (answer.status_code, answer.headers["etag"], "location" in answer.headers) == (200, 'W/"2"', False)
    assert answer.headers["content-location"] == f"{BASE}/fhir/Task/{routed.referral}/_history/2"
    a, b = answer.json(), await door.collector.document(await door.collector.task_b(routed))
    assert a["id"] == routed.referral
    for document in (a, b):
        assert (document["status"], reason_of(document)) == ("cancelled", "no-longer-needed")
        assert document["note"][-1]["text"] == "Asiakas muutti."
    assert len(await told(door.collector, TaskCancelled)) == 1
    assert await wishes(door.collector) == []
    (audit,) = await door.collector.rows(tables.Audit)
    assert (audit["client"], audit["action"], audit["resource"]) == (
        EHR.client, "update", f"Task/{routed.referral}"
    )  # fmt: skip
    again = await ehr.post(wish_to_stop(routed.referral), Prefer="return=OperationOutcome")
    assert (again.status_code, slug(again)) == (200, "cancelled-already")
    assert await door.collector.versions(routed.referral) == [1, 2]


async def test_a_wish_and_a_patch_leave_the_same(door: Door, ehr: Caller) -> None:
    ends: list[Any] = []
    for under_way in (False, True):
        for by_post in (True, False):
            routed = await door.collector.route()
            task = await started(door.collector, routed) if under_way else await door.collector.task_b(routed)
            if by_post:
                await ehr.post(wish_to_stop(routed.referral, note="Ei enää."))
            else:
                operations = (status("cancelled"), reason("no-longer-needed"), note("Ei enää."))
                version = (await door.collector.row(routed.referral))["version"]
                await ehr.patch(routed.referral, f'W/"{version}"', *operations)
            b, a = await door.collector.document(task), await door.collector.document(routed.referral)
            ends.append(
                [
                    (one["status"], reason_of(one), progress_of(one), len(one.get("note", ())))
                    for one in (a, b)
                ]
            )
    assert ends[0] == ends[1]
    assert ends[2] == ends[3]
    kinds = [event.body.type for event in await door.collector.events()]
    assert kinds.count("task.cancelled") == 2
    assert kinds.count("task.cancellation-requested") == 2


async def test_a_provider_that_has_started_is_asked_to_stop(
    door: Door, ehr: Caller, provider: Caller
) -> None:
    routed = await door.collector.route()
    task = await started(door.collector, routed)
    answer = await ehr.post(wish_to_stop(routed.referral, note="Asiakas muutti."))
    assert answer.status_code == 201, answer.text
    stop = answer.json()
    assert answer.headers["location"] == f"{BASE}/fhir/Task/{stop['id']}/_history/1"
    assert answer.headers["etag"] == 'W/"1"'
    assert validate(stop, f"{CANONICAL}/StructureDefinition/lahetti-abort-task") == []
    assert (stop["focus"], stop["status"]) == ({"reference": f"Task/{task}"}, "requested")
    assert (reason_of({"statusReason": stop["reasonCode"]}), stop["note"]) == (
        "no-longer-needed", [{"text": "Asiakas muutti."}]
    )  # fmt: skip
    (asked,) = await told(door.collector, TaskCancellationRequested)
    assert asked.body.task == stop["id"]
    assert (await provider.get(f"/fhir/Task/{stop['id']}")).status_code == 200
    for document in (await door.collector.document(task), await door.collector.document(routed.referral)):
        assert (document["status"], progress_of(document)) == ("in-progress", "cancellation-requested")
    created = [row for row in await door.collector.rows(tables.Audit) if row["action"] == "create"]
    assert [(row["client"], row["resource"], row["version"]) for row in created] == [
        (EHR.client, f"Task/{stop['id']}", 1)
    ]
    (line,) = door.service.lines("stop.asked")
    assert (line["task"], line["referral"], line["reason"]) == (
        stop["id"], routed.referral, "provider-is-asked-to-stop"
    )  # fmt: skip


async def test_a_wish_is_made_once_while_it_is_open_and_once_under_its_identifier(
    door: Door, ehr: Caller, provider: Caller
) -> None:
    """INVARIANT: a repeat after a lost answer would else ask the provider anew what it has refused."""
    routed = await door.collector.route()
    await started(door.collector, routed)
    named = wish_to_stop(
        routed.referral, identifier=[{"system": "https://ehr.example.org/wish", "value": "1"}]
    )
    first = await ehr.post(named)
    assert first.status_code == 201
    for repeat in (
        named,
        wish_to_stop(routed.referral),
        wish_to_stop(routed.referral, reason="raised-in-error"),
    ):
        answer = await ehr.post(repeat)
        assert (answer.status_code, answer.json()) == (200, first.json())
        assert answer.headers["location"] == first.headers["location"]
    stop = first.json()["id"]
    refused = await provider.patch(stop, 'W/"1"', status("rejected"), reason("other"), note("Kesken."))
    assert refused.status_code == 200, refused.text
    again = await ehr.post(named, Prefer="return=OperationOutcome")
    assert (again.status_code, slug(again), again.headers["etag"]) == (200, "stop-asked-already", 'W/"2"')
    assert len(await wishes(door.collector)) == 1
    anew = await ehr.post(wish_to_stop(routed.referral))
    assert anew.status_code == 201, (
        "without the identifier it is a wish of its own, as the first was answered"
    )
    assert len(await wishes(door.collector)) == 2


@pytest.mark.parametrize("preferred", ["minimal", "representation", "OperationOutcome"])
async def test_the_answer_is_what_is_preferred(door: Door, ehr: Caller, preferred: str) -> None:
    routed = await door.collector.route()
    await started(door.collector, routed)
    answer = await ehr.post(wish_to_stop(routed.referral), Prefer=f"return={preferred}")
    assert (answer.status_code, "location" in answer.headers) == (201, True)
    if preferred == "minimal":
        assert answer.content == b""
    elif preferred == "OperationOutcome":
        assert slug(answer) == "provider-is-asked-to-stop"
    else:
        assert answer.json()["resourceType"] == "Task"
    other = await door.collector.route()
    at_once = await ehr.post(wish_to_stop(other.referral), Prefer="return=OperationOutcome")
    assert (at_once.status_code, slug(at_once)) == (200, "cancelled-at-once")


async def test_its_referrer_reads_its_wish_and_cannot_answer_it(
    door: Door, ehr: Caller, provider: Caller
) -> None:
    routed = await door.collector.route()
    task = await started(door.collector, routed)
    stop = (await ehr.post(wish_to_stop(routed.referral))).json()["id"]
    await provider.patch(
        stop, 'W/"1"', status("rejected"), reason("other"), note("Viimeinen kerta on huomenna.")
    )
    seen = (await ehr.get(f"/fhir/Task/{stop}")).json()
    assert (seen["status"], seen["note"]) == ("rejected", [{"text": "Viimeinen kerta on huomenna."}])
    assert (await ehr.get(f"/fhir/Task/{stop}/_history/1")).json()["status"] == "requested"
    assert (await ehr.get(f"/fhir/Task/{stop}/_history")).json()["total"] == 2
    for query in (f"part-of=Task/{routed.referral}", "code=abort", f"_id={stop}"):
        found = (await ehr.get(f"/fhir/Task?{query}")).json()
        assert [entry["resource"]["id"] for entry in found["entry"]] == [stop], query
    assert (await ehr.get(f"/fhir/Task/{task}")).status_code == 404, "Task B stays the provider's"
    answer = await ehr.patch(stop, 'W/"2"', status("accepted"))
    assert (answer.status_code, slug(answer)) == (403, "caller-not-allowed")
    stranger = door.caller("ehr", "ehr-2")
    assert (await stranger.get(f"/fhir/Task/{stop}")).status_code == 404
    assert (await stranger.get("/fhir/Task?code=abort")).json()["total"] == 0


@pytest.mark.parametrize("withdrawn", [False, True])
async def test_what_the_permission_withholds_of_task_a_it_withholds_of_the_wish(
    door: Door, ehr: Caller, provider: Caller, withdrawn: bool
) -> None:
    routed = await door.collector.route(return_permitted=withdrawn)
    await started(door.collector, routed)
    stop = (await ehr.post(wish_to_stop(routed.referral, note="Oma sana."))).json()["id"]
    await provider.patch(stop, 'W/"1"', status("rejected"), reason("other"), note("Salaista."))
    if withdrawn:
        gone = ReferralRevoked(
            referral=routed.referral, service_request=routed.service_request, by="permission"
        )
        await door.collector.consume(gone)
    read = await ehr.get(f"/fhir/Task/{stop}")
    searched = await ehr.get("/fhir/Task?code=abort")
    for seen in (read.json(), searched.json()["entry"][0]["resource"]):
        assert (seen["status"], reason_of(seen)) == ("rejected", "withheld")
        assert "reasonCode" in seen, "its own wish is no secret"
    for path in (f"/fhir/Task/{stop}/_history/2", f"/fhir/Task/{stop}/_history"):
        assert "Salaista" not in (await ehr.get(path)).text
    assert "Salaista" not in read.text + searched.text


async def told(collector: Collector, kind: Any) -> list[Any]:
    return [event for event in await collector.events() if isinstance(event.body, kind)]
