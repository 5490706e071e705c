"""What can be wrong with a change of a ServiceRequest or a Consent, by PUT and by PATCH alike."""

from typing import Any

import pytest
from referral_contracts.systems import REQUEST_STATUS_REASON_EXTENSION, STATUS_REASON
from support.routes_attempts import FHIR, MARK, PATCH, Attempt, Watch, current
from support.routes_world import OTHER_EHR, World

pytestmark = pytest.mark.asyncio(loop_scope="session")

Operations = list[dict[str, Any]]


def setting(path: str, value: Any) -> Operations:
    return [{"op": "add", "path": path, "value": value}]


def reason(code: str, system: str = STATUS_REASON) -> Operations:
    concept = {"coding": [{"system": system, "code": code, "display": MARK}]}
    extension = {"url": REQUEST_STATUS_REASON_EXTENSION, "valueCodeableConcept": concept}
    return setting("/extension/-", extension)


MADE_BY_BOTH: dict[str, dict[str, tuple[Operations, str]]] = {
    "ServiceRequest": {
        "an illegal status": (setting("/status", "completed"), "illegal-change"),
        "another illegal status": (setting("/status", "on-hold"), "illegal-change"),
        "revoked without a reason": (setting("/status", "revoked"), "status-reason-required"),
        "an unknown reason": ([*setting("/status", "revoked"), *reason(MARK)], "status-reason-unusable"),
        "a reason from elsewhere": (
            [*setting("/status", "revoked"), *reason("no-longer-needed", f"https://{MARK}.example")],
            "status-reason-unusable",
        ),
        "a provider's reason": (
            [*setting("/status", "revoked"), *reason("no-capacity")],
            "status-reason-unusable",
        ),
        "a reason that wants words": (
            [
                {"op": "remove", "path": "/note"},
                *setting("/status", "revoked"),
                *setting(
                    "/extension/-",
                    {
                        "url": REQUEST_STATUS_REASON_EXTENSION,
                        "valueCodeableConcept": {"coding": [{"system": STATUS_REASON, "code": "other"}]},
                    },
                ),
            ],
            "element-not-yours",
        ),
        "a reason without an end": (reason("no-longer-needed"), "status-reason-forbidden"),
        "an element that is not the author's": (
            setting("/patientInstruction", MARK),
            "element-not-yours",
        ),
        "another subject": (setting("/subject", {"reference": f"Patient/{MARK}"}), "element-not-yours"),
        "another identifier": (
            setting("/identifier", [{"system": f"https://{MARK}.example", "value": MARK}]),
            "element-not-yours",
        ),
        "a note taken back": (setting("/note", [{"text": MARK}]), "element-not-yours"),
        "an extension of another kind": (
            setting("/extension/-", {"url": f"https://{MARK}.example", "valueString": MARK}),
            "element-not-yours",
        ),
        "an unknown status": (setting("/status", MARK), "unknown-code"),
        "an unknown element": (setting("/remark", MARK), "unknown-element"),
        "an unknown element named by a person": (setting(f"/{MARK} Aino", MARK), "unknown-element"),
        "no subject": ([{"op": "remove", "path": "/subject"}], "required-element"),
        "a list for one": (setting("/status", ["revoked", MARK]), "wrong-cardinality"),
        "one for a list": (setting("/note", {"text": MARK}), "wrong-cardinality"),
        "another type": (setting("/resourceType", "Patient"), "unknown-resource-type"),
        "a type that is none": (setting("/resourceType", MARK), "unknown-resource-type"),
        "another id": (setting("/id", f"{MARK}-1"), "invalid-value"),
        "a date that is none": (setting("/authoredOn", MARK), "invalid-value"),
    },
    "Consent": {
        "an illegal status": (setting("/status", "proposed"), "illegal-change"),
        "back to a draft": (setting("/status", "draft"), "illegal-change"),
        "an element that is not the author's": (setting("/dateTime", "2026-01-01"), "element-not-yours"),
        "other recipients": (setting("/provision/provision", []), "invalid-value"),
        "a wider permission": (setting("/provision/period/end", "2099-01-01"), "element-not-yours"),
        "another person": (setting("/patient", {"reference": f"Patient/{MARK}"}), "element-not-yours"),
        "an unknown status": (setting("/status", MARK), "unknown-code"),
        "an unknown element": (setting("/remark", MARK), "unknown-element"),
        "no scope": ([{"op": "remove", "path": "/scope"}], "required-element"),
        "a list for one": (setting("/status", ["inactive"]), "wrong-cardinality"),
        "another type": (setting("/resourceType", "ServiceRequest"), "unknown-resource-type"),
        "another id": (setting("/id", f"{MARK}-1"), "invalid-value"),
    },
}
PATCHES: dict[str, tuple[Any, int]] = {
    "no list": ({"op": "replace", "path": "/status", "value": MARK}, 400),
    "no operation": ([{"path": "/status", "value": MARK}], 400),
    "an operation that is none": ([{"op": MARK, "path": "/status", "value": MARK}], 400),
    "no path": ([{"op": "add", "value": MARK}], 400),
    "a path that is none": ([{"op": "add", "path": f"status/{MARK}", "value": MARK}], 400),
    "a path that is a number": ([{"op": "add", "path": 5, "value": MARK}], 400),
    "no value": ([{"op": "add", "path": "/status"}], 422),
    "a place that is not there": ([{"op": "replace", "path": f"/{MARK}/5", "value": MARK}], 422),
    "a place in a text": ([{"op": "add", "path": "/status/deeper", "value": MARK}], 422),
    "a place past the end": ([{"op": "add", "path": "/note/99", "value": {"text": MARK}}], 422),
    "taking away what is not there": ([{"op": "remove", "path": f"/{MARK}"}], 422),
    "a test that fails": ([{"op": "test", "path": "/status", "value": MARK}], 422),
    "the whole for something else": ([{"op": "replace", "path": "", "value": MARK}], 400),
    "the whole taken away": ([{"op": "remove", "path": ""}], 422),
    "moved into itself": ([{"op": "move", "from": "/code", "path": "/code/text"}], 422),
}
CASES = [(name, fault) for name, faults in MADE_BY_BOTH.items() for fault in faults]


def patching(world: World, name: str, operations: Any) -> Attempt:
    headers = {**world.as_ehr(), "Content-Type": PATCH, "If-Match": 'W/"1"'}
    return Attempt("PATCH", f"/fhir/{name}/{world.kept.id}", headers, b"").saying(operations)


async def putting(world: World, name: str, operations: Operations) -> Attempt:
    """The same change by PUT: what was read, changed, and sent back whole."""
    resource = await current(world, f"{name}/{world.kept.id}", world.as_ehr())
    for operation in operations:
        at, *steps = resource, *operation["path"].split("/")[1:]
        for step in steps[:-1]:
            at = at[step]
        if operation["op"] == "remove":
            del at[steps[-1]]
        elif steps[-1] == "-":
            at.append(operation["value"])
        else:
            at[steps[-1]] = operation["value"]
    headers = {**world.as_ehr(), "Content-Type": FHIR, "If-Match": 'W/"1"'}
    return Attempt("PUT", f"/fhir/{name}/{world.kept.id}", headers, b"").saying(resource)


@pytest.mark.parametrize(("name", "fault"), CASES)
async def test_a_change_that_its_author_may_not_make(watch: Watch, name: str, fault: str) -> None:
    operations, slug = MADE_BY_BOTH[name][fault]
    for attempt in (
        patching(watch.world, name, operations),
        await putting(watch.world, name, operations),
    ):
        await watch.refused(attempt, 422, 400, slug=slug)


@pytest.mark.parametrize("fault", PATCHES)
@pytest.mark.parametrize("name", MADE_BY_BOTH)
async def test_a_patch_that_is_none_or_fits_nowhere(watch: Watch, name: str, fault: str) -> None:
    operations, status = PATCHES[fault]
    await watch.refused(patching(watch.world, name, operations), status)


@pytest.mark.parametrize("name", MADE_BY_BOTH)
async def test_somebody_else_s_and_nobody_s(watch: Watch, name: str) -> None:
    """That it exists is not told either: both are answered alike."""
    world = watch.world
    attempt = patching(world, name, setting("/status", "inactive"))
    await watch.refused(attempt.bearing(**world.as_ehr(OTHER_EHR)), 404, slug="not-found")
    for nobody in ("01900000-0000-7000-8000-000000000000", MARK, "%2e%2e", "x" * 300, "%00"):
        await watch.refused(attempt.at(f"/fhir/{name}/{nobody}"), 404, slug="not-found")
    await watch.refused(attempt.bearing(**world.as_provider()), 403)


async def test_the_change_that_is_right_is_made(watch: Watch) -> None:
    """What is refused above is refused for its one fault: without it the same requests are taken."""
    world, spare = watch.world, watch.world.spare
    revoked = patching(world, "ServiceRequest", [*setting("/status", "revoked"), *reason("no-longer-needed")])
    answer = await revoked.at(f"/fhir/ServiceRequest/{spare.id}").send(world.three.http)
    assert answer.status_code == 200, answer.text
    withdrawn = patching(world, "Consent", setting("/status", "inactive"))
    answer = await withdrawn.at(f"/fhir/Consent/{spare.id}").send(world.three.http)
    assert answer.status_code in {200, 422}, answer.text
