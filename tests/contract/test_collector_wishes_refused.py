"""POST /fhir/Task that is refused: what is no wish to stop, not the caller's, or no longer to be stopped."""

from typing import Any

import pytest
from referral_contracts.systems import CANONICAL, TASK_CODE
from service_runtime.ids import new_id
from support.collector import EHR, collector, status
from support.collector_door import BASE, Caller, Door, door, ehr, provider
from support.web_app import slug
from support.wishes import started, wish_to_stop, wishes

__all__ = ["collector", "door", "ehr", "provider"]


async def test_somebody_else_s_task_and_nobody_s_do_not_exist(door: Door, ehr: Caller) -> None:
    routed = await door.collector.route()
    task = await started(door.collector, routed)
    stranger = door.caller("ehr", "ehr-2")
    stop = (await ehr.post(wish_to_stop(routed.referral))).json()["id"]
    told: set[str] = set()
    for caller, focus in (
        (stranger, routed.referral), (stranger, task), (ehr, task), (ehr, stop), (ehr, new_id()), (ehr, "x")
    ):  # fmt: skip
        wish = wish_to_stop(focus) | {"for": {"reference": f"Patient/{routed.referral}"}}
        answer = await caller.post(wish)
        assert answer.status_code == 422
        told.add(answer.text)
    (text,) = told
    assert "dangling-reference" in text
    assert len(await wishes(door.collector)) == 1


@pytest.mark.parametrize(
    ("spoilt", "slugs", "place"),
    [
        ({"code": {"coding": [{"system": TASK_CODE, "code": "fulfill"}]}}, "task-code-unusable", "Task.code"),
        ({"code": {"coding": [{"system": TASK_CODE, "code": "suspend"}]}}, "task-code-unusable", "Task.code"),
        ({"code": {"text": "abort"}}, "task-code-unusable", "Task.code"),
        ({"status": "accepted"}, "invalid-value", "Task.status"),
        ({"for": {"reference": "Patient/x"}}, "invalid-value", "Task.for"),
        ({"partOf": [{"reference": "Task/x"}]}, "invalid-value", "Task.partOf[0]"),
        ({"focus": {"reference": "ServiceRequest/x"}}, "wrong-target", "Task.focus"),
        ({"focus": {"type": "Task", "identifier": {"value": "x"}}}, "dangling-reference", "Task.focus"),
        ({"nonsense": 1}, "unknown-element", "Task.nonsense"),
        ({"implicitRules": "https://ehr.example.org/rules"}, "unknown-element", "Task.implicitRules"),
        ({"reasonCode": {"coding": [{"system": f"{CANONICAL}/CodeSystem/referral-status-reason",
                                     "code": "no-capacity"}]}}, "status-reason-unusable", "Task.reasonCode"),
        ({"reasonCode": {"coding": [{"system": f"{CANONICAL}/CodeSystem/referral-status-reason",
                                     "code": "other"}]}}, "comment-required", "Task.note"),
    ],
)  # fmt: skip
async def test_a_wish_that_cannot_be_one_is_refused_at_its_place(
    door: Door, ehr: Caller, spoilt: dict[str, Any], slugs: str, place: str
) -> None:
    for under_way in (False, True):
        routed = await door.collector.route()
        task = await started(door.collector, routed) if under_way else await door.collector.task_b(routed)
        before = [await door.collector.row(one) for one in (task, routed.referral)]
        answer = await ehr.post(wish_to_stop(routed.referral) | spoilt)
        assert answer.status_code == 422, answer.text
        issue = answer.json()["issue"][0]
        assert issue["details"]["coding"][0]["code"] == slugs
        assert issue["expression"][0].removesuffix(".reference") == place
        assert [await door.collector.row(one) for one in (task, routed.referral)] == before


async def test_several_faults_are_told_at_once_and_another_type_is_refused(door: Door, ehr: Caller) -> None:
    routed = await door.collector.route()
    broken = wish_to_stop(routed.referral, nonsense=1)
    del broken["reasonCode"]
    issues = (await ehr.post(broken)).json()["issue"]
    assert {issue["expression"][0] for issue in issues} == {"Task.nonsense", "Task.reasonCode"}
    for body in ({"resourceType": "Patient"}, {}):
        answer = await ehr.post(body)
        assert (answer.status_code, slug(answer)) == (400, "unknown-resource-type")
    conditional = await ehr.post(wish_to_stop(routed.referral), **{"If-None-Exist": "identifier=x|1"})
    assert (conditional.status_code, slug(conditional)) == (400, "condition-unsupported")
    assert (await door.collector.document(routed.referral))["status"] == "requested"


async def test_what_has_ended_cannot_be_stopped(door: Door, ehr: Caller, provider: Caller) -> None:
    routed = await door.collector.route()
    task = await started(door.collector, routed)
    version = (await door.collector.row(task))["version"]
    await provider.patch(task, f'W/"{version}"', status("completed"))
    answer = await ehr.post(wish_to_stop(routed.referral))
    assert (answer.status_code, slug(answer)) == (422, "illegal-move")
    assert answer.json()["issue"][0]["expression"] == ["Task.focus"]


async def test_only_a_record_system_with_the_right_to_create_may_wish(door: Door) -> None:
    routed = await door.collector.route()
    for kind, client, scope, refusal in (
        ("ehr", EHR.client, "system/Task.rsu", "scope-missing"),
        ("provider", routed.provider, "system/Task.crsu", "caller-not-allowed"),
        ("service", "gateway", "system/Task.crsu", "caller-not-allowed"),
    ):
        answer = await door.caller(kind, client, scope).post(wish_to_stop(routed.referral))
        assert (answer.status_code, slug(answer)) == (403, refusal)


async def test_a_focus_may_stand_below_the_public_base(door: Door, ehr: Caller) -> None:
    routed = await door.collector.route()
    focus = {"reference": f"{BASE}/fhir/Task/{routed.referral}"}
    answer = await ehr.post(wish_to_stop(routed.referral, focus=focus))
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
