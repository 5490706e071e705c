"""FHIRPath Patch at both services: the same rights, the same refusals as a JSON Patch."""

from typing import Any

import httpx
import pytest
from referral_contracts.systems import REQUEST_STATUS_REASON_EXTENSION, STATUS_REASON
from support.collector import collector
from support.collector_door import Caller, Door, door, provider
from support.gateway import Gateway, gateway, gateway_database, issues, migrated_file, migrated_postgres
from support.web_app import slug

__all__ = [
    "collector", "door", "gateway", "gateway_database", "migrated_file", "migrated_postgres", "provider"
]  # fmt: skip

FHIR = {"Content-Type": "application/fhir+json"}


def op(kind: str, path: str, **parts: Any) -> dict[str, Any]:
    """An operation; `name` is a text, anything else is a value with its type in its name."""
    told: list[dict[str, Any]] = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}]
    for key, content in parts.items():
        told.append(
            {"name": "name", "valueString": content} if key == "name" else {"name": "value", key: content}
        )
    return {"name": "operation", "part": told}


def body(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(operations)}


async def task_patch(caller: Caller, task: str, version: int, *operations: dict[str, Any]) -> httpx.Response:
    headers = caller.headers | FHIR | {"If-Match": f'W/"{version}"'}
    return await caller.client.patch(f"/fhir/Task/{task}", json=body(*operations), headers=headers)


async def test_a_provider_reports_by_paths(door: Door, provider: Caller) -> None:
    task = await door.collector.task_b(await door.collector.route())
    answer = await task_patch(
        provider,
        task,
        1,
        op("replace", "Task.status", valueCode="accepted"),
        op("add", "Task", name="note", valueAnnotation={"text": "Soitettu."}),
    )
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"2"')
    document = await door.collector.document(task)
    assert (document["status"], document["note"]) == ("accepted", [{"text": "Soitettu."}])


async def test_rights_versions_and_moves_are_those_of_every_patch(door: Door, provider: Caller) -> None:
    task = await door.collector.task_b(await door.collector.route())
    accepted = op("replace", "Task.status", valueCode="accepted")
    for version, operation, expected in (
        (1, op("replace", "Task.intent", valueCode="plan"), (422, "element-not-yours")),
        (1, op("replace", "Task.status", valueCode="completed"), (422, "illegal-move")),
        (1, op("replace", "Task.businessStatus", valueCode="x"), (422, "patch-inapplicable")),
        (1, op("replace", "Task.note.first()", valueCode="x"), (400, "patch-malformed")),
        (9, accepted, (412, "version-conflict")),
    ):
        answer = await task_patch(provider, task, version, operation)
        assert (answer.status_code, slug(answer)) == expected
    stranger = door.caller("provider", "hamina-liikunta")
    answer = await task_patch(stranger, task, 1, accepted)
    assert (answer.status_code, slug(answer)) == (404, "not-found")
    assert await door.collector.versions(task) == [1]


@pytest.mark.parametrize("words", ["no-longer-needed", None])
async def test_a_record_system_revokes_by_paths(gateway: Gateway, words: str | None) -> None:
    referral = await gateway.refer()
    concept = {"coding": [{"system": STATUS_REASON, "code": words}]}
    extension = {"url": REQUEST_STATUS_REASON_EXTENSION, "valueCodeableConcept": concept}
    operations = [op("replace", "ServiceRequest.status", valueCode="revoked")]
    if words:
        operations.append(op("add", "ServiceRequest", name="extension", valueExtension=extension))
    headers = gateway.as_ehr() | FHIR | {"If-Match": 'W/"1"'}
    path = f"/fhir/ServiceRequest/{referral}"
    answer = await gateway.http.patch(path, json=body(*operations), headers=headers)
    if words is None:
        assert issues(answer) == [("status-reason-required", "ServiceRequest.extension")]
        return
    assert answer.status_code == 200, answer.text
    assert (answer.json()["status"], answer.headers["etag"]) == ("revoked", 'W/"2"')
    assert (await gateway.http.patch(path, json=body(*operations), headers=headers)).status_code == 412


async def test_what_is_no_patch_is_refused_at_the_gateway(gateway: Gateway) -> None:
    referral = await gateway.refer()
    headers = gateway.as_ehr() | FHIR | {"If-Match": 'W/"1"'}
    for content, expected in ((b"{", 400), (b"[]", 400), (b"{}", 400)):
        answer = await gateway.http.patch(f"/fhir/Consent/{referral}", content=content, headers=headers)
        assert answer.status_code == expected
        assert issues(answer)[0][0] in {"malformed-json", "patch-malformed"}
