"""A batch at the base: each entry is its own interaction, with its own rights, answer and audit row."""

import base64
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
import pytest_asyncio
from support.referrals import referral_bundle, standing_alone
from support.routes import outcome_fault
from support.routes_world import EHR, OTHER_EHR, PROVIDER, World, bundle, referred_world

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with referred_world(tmp_path_factory.mktemp("world")) as made:
        yield made


def one(method: str, url: str, resource: Any = None, **conditions: Any) -> dict[str, Any]:
    told = {"request": {"method": method, "url": url} | conditions}
    return told | ({"resource": resource} if resource is not None else {})


def alone() -> dict[str, Any]:
    return standing_alone(referral_bundle(identifier=f"R-{uuid4().hex[:12]}"))


def patching(task: str, version: int, status: str) -> dict[str, Any]:
    operations = [{"op": "replace", "path": "/status", "value": status}]
    data = base64.b64encode(orjson.dumps(operations)).decode()
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
    return one("PATCH", f"Task/{task}", binary, ifMatch=f'W/"{version}"')


async def post(world: World, headers: dict[str, str], *entries: Any) -> httpx.Response:
    posted = {"resourceType": "Bundle", "type": "batch", "entry": list(entries)}
    return await world.three.http.post("/fhir", json=posted, headers=headers)


async def answers(world: World, headers: dict[str, str], *entries: Any) -> list[dict[str, Any]]:
    answer = await post(world, headers, *entries)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/fhir+json"), answer.text
    told = answer.json()
    assert (told["resourceType"], told["type"]) == ("Bundle", "batch-response")
    assert len(told["entry"]) == len(entries)
    return told["entry"]


def statuses(entries: list[dict[str, Any]]) -> list[int]:
    return [int(entry["response"]["status"].split()[0]) for entry in entries]


def slugs(entry: dict[str, Any]) -> list[str]:
    return [issue["details"]["coding"][0]["code"] for issue in entry["response"]["outcome"]["issue"]]


async def test_reads_and_searches_of_both_services(world: World) -> None:
    kept = world.kept
    said = await answers(
        world,
        world.as_ehr(),
        one("GET", f"ServiceRequest/{kept.id}"),
        one("GET", f"Task/{kept.id}"),
        one("GET", f"Task?_id={kept.id}"),
        one("GET", f"ServiceRequest?_id={kept.id}&_include=ServiceRequest:patient"),
        one("GET", f"Consent/{kept.id}/_history"),
        one("GET", f"{world.three.base_url}/fhir/Patient/{kept.id}/_history/1"),
        one("GET", "metadata"),
    )
    assert statuses(said) == [200] * 7
    kinds = [entry["resource"]["resourceType"] for entry in said]
    assert kinds == [
        "ServiceRequest", "Task", "Bundle", "Bundle", "Bundle", "Patient", "CapabilityStatement"
    ]  # fmt: skip
    assert said[0]["response"]["etag"] == 'W/"1"'
    assert "lastModified" in said[0]["response"]
    assert said[2]["resource"]["entry"][0]["resource"]["id"] == kept.id
    assert {e["resource"]["resourceType"] for e in said[3]["resource"]["entry"]} == {
        "ServiceRequest", "Patient"
    }  # fmt: skip


async def test_one_entry_s_refusal_is_its_own_and_undoes_nothing(world: World) -> None:
    task = world.spare.task
    said = await answers(
        world,
        world.as_provider(),
        one("GET", "Task/01900000-0000-7000-8000-000000000000"),
        patching(task, 1, "completed"),
        patching(task, 1, "accepted"),
        patching(task, 1, "in-progress"),
        "not an entry",
        one("POST", "", {"resourceType": "Bundle", "type": "batch"}),
        one("DELETE", f"Task/{task}"),
        one("GET", "Encounter/1"),
        one("GET", f"Task/{task}", ifNoneMatch='W/"2"'),
        one("GET", f"Task/{task}"),
    )
    assert statuses(said) == [404, 422, 200, 412, 422, 422, 405, 404, 304, 200]
    assert [slugs(said[index])[0] for index in (0, 1, 3, 4, 5)] == [
        "not-found", "illegal-move", "version-conflict", "required-element", "invalid-value"
    ]  # fmt: skip
    assert said[2]["resource"]["status"] == "accepted", "what others were refused changed nothing of it"
    assert said[9]["resource"]["status"] == "accepted"
    assert "resource" not in said[8]


async def test_each_entry_needs_the_right_of_its_own_interaction(world: World) -> None:
    """The right to post a batch opens nothing in it."""
    kept, narrow = world.kept, world.three.token("system/Bundle.c system/Task.r", "provider", PROVIDER)
    said = await answers(
        world,
        narrow,
        one("GET", f"Task/{kept.task}"),
        one("GET", f"Patient/{kept.id}"),
        one("GET", "Task"),
        patching(kept.task, 1, "accepted"),
    )
    assert statuses(said) == [200, 403, 403, 403]
    assert [slugs(entry) for entry in said[1:]] == [["scope-missing"]] * 3
    refused = await post(world, world.three.token("system/Task.r", "provider", PROVIDER))
    assert (refused.status_code, outcome_fault(refused)) == (403, None)


async def test_what_is_somebody_else_s_is_not_found_in_a_batch_either(world: World) -> None:
    kept = world.kept
    said = await answers(
        world,
        world.as_ehr(OTHER_EHR),
        one("GET", f"ServiceRequest/{kept.id}"),
        one("GET", f"Task/{kept.id}"),
        one("GET", f"Task/{kept.task}"),
    )
    assert statuses(said) == [404, 404, 404]


async def test_a_provider_posts_no_transaction(world: World) -> None:
    for posted in (bundle(), {"resourceType": "Bundle"}, {"resourceType": "Basic", "type": "batch"}):
        answer = await world.three.http.post("/fhir", json=posted, headers=world.as_provider())
        assert (answer.status_code, outcome_fault(answer)) == (403, None)


async def test_referrals_are_made_one_by_one(world: World) -> None:
    """The second is refused and the others are made: a batch is never one transaction."""
    good, other = alone(), alone()
    bad = alone() | {"status": "draft"}
    number = good["identifier"][0]
    condition = f"identifier={number['system']}|{number['value']}"
    said = await answers(
        world,
        world.as_ehr(),
        one("POST", "ServiceRequest", good),
        one("POST", "ServiceRequest", bad),
        one("POST", "ServiceRequest", other),
        one("POST", "ServiceRequest", other | {"note": [{"text": "Muuta"}]}, ifNoneExist=condition),
        one("PUT", f"ServiceRequest?{condition}", good),
        one("POST", "ServiceRequest/$validate", bad),
    )
    assert statuses(said) == [201, 422, 201, 200, 412, 200]
    made = said[0]["resource"]["id"]
    assert said[0]["response"]["location"].endswith(f"/fhir/ServiceRequest/{made}/_history/1")
    assert said[3]["resource"]["id"] == made
    assert slugs(said[4]) == ["version-required"]
    assert said[5]["resource"]["resourceType"] == "OperationOutcome"


async def test_prefer_holds_for_every_entry(world: World) -> None:
    for wish, told in (("minimal", set()), ("OperationOutcome", {"outcome"})):
        entry = one("POST", "ServiceRequest", alone())
        headers = world.as_ehr() | {"Prefer": f"return={wish}", "Accept-Language": "fi"}
        made, read = await answers(world, headers, entry, one("GET", f"Task/{world.kept.id}"))
        assert statuses([made, read]) == [201, 200]
        assert "resource" in read
        if wish == "minimal":
            assert ("resource" in made, "outcome" in made["response"]) == (False, False)
        assert told <= made["response"].keys() | made.keys()


@pytest.mark.parametrize(
    ("spoiled", "status", "slug"),
    [
        ({"entry": {}}, 422, "invalid-value"),
        ({"entry": "x"}, 422, "invalid-value"),
        ({"entry": [one("GET", "metadata")] * 101}, 413, "too-many-entries"),
    ],
)
async def test_a_bundle_that_is_no_batch_is_refused_whole(
    world: World, spoiled: dict[str, Any], status: int, slug: str
) -> None:
    posted = {"resourceType": "Bundle", "type": "batch"} | spoiled
    for headers in (world.as_ehr(), world.as_provider()):
        answer = await world.three.http.post("/fhir", json=posted, headers=headers)
        assert (answer.status_code, outcome_fault(answer)) == (status, None), answer.text
        assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == slug


async def test_an_empty_batch_is_answered(world: World) -> None:
    assert await answers(world, world.as_ehr()) == []


async def test_each_reading_in_a_batch_is_written_down(world: World) -> None:
    def rows() -> tuple[int, int]:
        stored = world.three.stored()
        return stored["gateway.audit"][0], stored["collector.audit"][0]

    before = rows()
    kept = world.kept
    await answers(
        world, world.as_ehr(EHR), one("GET", f"Patient/{kept.id}"), one("GET", f"Task/{kept.id}"),
        one("GET", f"Consent/{kept.id}"),
    )  # fmt: skip
    assert rows() == (before[0] + 2, before[1] + 1)
