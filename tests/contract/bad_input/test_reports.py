"""What can be wrong with what is reported on a Task."""

from typing import Any

import pytest
from referral_contracts.systems import PROGRESS, STATUS_REASON
from support.routes_attempts import MARK, PATCH, RESULT, Attempt, Watch
from support.routes_world import OTHER_EHR, OTHER_PROVIDER, World

pytestmark = pytest.mark.asyncio(loop_scope="session")

Operations = list[dict[str, Any]]


def setting(element: str, value: Any) -> Operations:
    return [{"op": "add", "path": f"/{element}", "value": value}]


def concept(system: str, code: str, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **more}


def ending(status: str, code: str, system: str = STATUS_REASON, **more: Any) -> Operations:
    return [*setting("status", status), *setting("statusReason", concept(system, code, **more))]


def reporting(world: World, operations: Any) -> Attempt:
    headers = {**world.as_provider(), "Content-Type": PATCH, "If-Match": 'W/"1"'}
    return Attempt("PATCH", f"/fhir/Task/{world.kept.task}", headers, b"").saying(operations)


ILLEGAL_MOVES = (
    "in-progress",
    "on-hold",
    "completed",
    "failed",
    "cancelled",
    "entered-in-error",
    "draft",
    "ready",
)
"""From `requested`, by its provider; accepted, rejected and received are legal."""
NOT_A_PROVIDER_S = {
    "intent": "plan", "priority": "urgent", "focus": {"reference": f"ServiceRequest/{MARK}"},
    "for": {"reference": f"Patient/{MARK}"}, "owner": {"reference": f"Organization/{MARK}"},
    "requester": {"display": MARK}, "authoredOn": "2026-01-01", "lastModified": "2026-01-01",
    "restriction": {"period": {"end": "2099-01-01"}}, "description": MARK, "identifier": [{"value": MARK}],
    "partOf": [{"reference": f"Task/{MARK}"}], "meta": {"versionId": "9"}, "id": MARK, "resourceType": MARK,
    "text": {"status": "generated", "div": MARK}, "extension": [{"url": f"https://{MARK}.example"}],
    "code": {"text": MARK}, "groupIdentifier": {"value": MARK}, "remark": MARK, f"{MARK} Aino": MARK,
}  # fmt: skip
FAULTS: dict[str, tuple[Operations, str]] = {
    "an unknown status": (setting("status", MARK), "unknown-code"),
    "rejected without a reason": (setting("status", "rejected"), "status-reason-required"),
    "accepted with a reason": (ending("accepted", "no-capacity"), "status-reason-forbidden"),
    "a reason alone": (setting("statusReason", concept(STATUS_REASON, "other")), "status-reason-forbidden"),
    "an unknown reason": (ending("rejected", MARK), "status-reason-unusable"),
    "a reason from elsewhere": (ending("rejected", "no-capacity", f"https://{MARK}.example"), "unknown-code"),
    "the platform's reason": (ending("rejected", "permission-withdrawn"), "status-reason-unusable"),
    "a reason for a pause": (ending("rejected", "waiting-for-place"), "status-reason-unusable"),
    "a reason that wants words": (ending("rejected", "other"), "comment-required"),
    "not reached, never tried": (ending("rejected", "client-not-reached"), "contact-attempts-required"),
    "an unknown progress": (setting("businessStatus", concept(PROGRESS, MARK)), "progress-unusable"),
    "the platform's": (setting("businessStatus", concept(PROGRESS, "delivered")), "progress-unusable"),
    "a progress from elsewhere": (setting("businessStatus", concept(MARK, "opened")), "unknown-code"),
    "a list for one": (setting("status", ["accepted", MARK]), "wrong-cardinality"),
    "one for a list": (setting("note", {"text": MARK}), "wrong-cardinality"),
    "a note without words": (setting("note", [{}]), "invalid-value"),
    "an unknown element in a note": (setting("note", [{"text": MARK, "remark": MARK}]), "unknown-element"),
    "a result without its kind": (setting("output", [{"valueString": MARK}]), "required-element"),
    "a result with two values": (
        setting("output", [{**RESULT, "valueString": MARK}]),
        "wrong-cardinality",
    ),
    "a result that points to nothing": (
        setting("output", [{"type": RESULT["type"], "valueReference": {"reference": f"#{MARK}"}}]),
        "dangling-reference",
    ),
    "something contained that nothing points to": (
        setting("contained", [{"resourceType": "Patient", "id": "x", "name": [{"text": MARK}]}]),
        "element-not-yours",
    ),
    "no status": ([{"op": "remove", "path": "/status"}], "required-element"),
    "a time that is none": (setting("executionPeriod", {"start": MARK}), "invalid-value"),
}  # fmt: skip
PATCHES: dict[str, tuple[Any, int]] = {
    "no operation": ([], 400),
    "too many operations": ([{"op": "test", "path": "/status", "value": MARK}] * 1000, 400),
    "no op": ([{"path": "/status", "value": MARK}], 400),
    "an op that is none": ([{"op": MARK, "path": "/status", "value": MARK}], 400),
    "no path": ([{"op": "add", "value": MARK}], 400),
    "a path that is none": ([{"op": "add", "path": "status", "value": MARK}], 400),
    "no value": ([{"op": "add", "path": "/status"}], 400),
    "a place that is not there": ([{"op": "replace", "path": "/note/99/text", "value": MARK}], 422),
    "a test that fails": ([{"op": "test", "path": "/status", "value": MARK}], 422),
    "the whole for something else": ([{"op": "replace", "path": "", "value": {"resourceType": MARK}}], 422),
    "what is not a provider's, moved": ([{"op": "move", "from": "/owner", "path": "/note"}], 422),
}


@pytest.mark.parametrize("status", ILLEGAL_MOVES)
async def test_illegal_status_moves(watch: Watch, status: str) -> None:
    answer = await watch.refused(reporting(watch.world, setting("status", status)), 422, slug="illegal-move")
    said = answer.json()["issue"][0]
    assert "accepted, rejected" in said["details"]["text"]
    assert said["expression"] == ["Task.status"]


@pytest.mark.parametrize("element", NOT_A_PROVIDER_S)
async def test_elements_that_a_provider_may_not_change(watch: Watch, element: str) -> None:
    operations = setting(element, NOT_A_PROVIDER_S[element])
    answer = await watch.refused(reporting(watch.world, operations), 422, slug="element-not-yours")
    expected = f"Task.{element}" if element.isalnum() else "Task"
    assert answer.json()["issue"][0]["expression"] == [expected]


@pytest.mark.parametrize("fault", FAULTS)
async def test_reports_that_do_not_hold_together(watch: Watch, fault: str) -> None:
    operations, slug = FAULTS[fault]
    await watch.refused(reporting(watch.world, operations), 422, slug=slug)


@pytest.mark.parametrize("fault", PATCHES)
async def test_patches_that_are_none_or_fit_nowhere(watch: Watch, fault: str) -> None:
    operations, status = PATCHES[fault]
    await watch.refused(reporting(watch.world, operations), status)


async def test_somebody_else_s_and_nobody_s(watch: Watch) -> None:
    world = watch.world
    attempt = reporting(world, setting("status", "accepted"))
    await watch.refused(attempt.bearing(**world.as_provider(OTHER_PROVIDER)), 403, 404)
    for ehr in (world.as_ehr(), world.as_ehr(OTHER_EHR)):
        await watch.refused(attempt.bearing(**ehr), 403, 404)
    own = attempt.at(f"/fhir/Task/{world.kept.id}")  # Task A is the record system's
    await watch.refused(own, 403, 404)
    for nobody in ("01900000-0000-7000-8000-000000000000", MARK, "%2e%2e", "x" * 300, "%00"):
        await watch.refused(attempt.at(f"/fhir/Task/{nobody}"), 404, slug="not-found")


async def test_the_record_system_moves_its_task_by_the_same_rules(watch: Watch) -> None:
    world = watch.world
    headers = {**world.as_ehr(), "If-Match": 'W/"1"'}
    for operations in (
        setting("status", "completed"),
        setting("status", "accepted"),
        setting("status", MARK),
        setting("status", "cancelled"),
        ending("cancelled", MARK),
        ending("cancelled", "no-capacity"),
        setting("description", MARK),
        setting("owner", {"reference": f"Organization/{MARK}"}),
        setting("output", [RESULT]),
    ):
        attempt = reporting(world, operations).at(f"/fhir/Task/{world.kept.id}").bearing(**headers)
        await watch.refused(attempt, 422)


async def test_the_report_that_is_right_is_taken(watch: Watch) -> None:
    world = watch.world
    attempt = reporting(world, [*setting("status", "accepted"), *setting("note", [{"text": MARK}])])
    answer = await attempt.at(f"/fhir/Task/{world.spare.task}").send(world.three.http)
    assert answer.status_code == 200, answer.text
