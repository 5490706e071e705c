"""What a read withholds, `_include` and `_revinclude` withhold too, and a batch with them, across both
services: what comes along is never more than its own read would give."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from support.routes_world import Referred, World, bundle, county_world, refer

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARK = "kylmyys"
"""Stands in what the provider writes."""
PHONE, STREET = "+358 40 000 0177", "Testikatu 9"
COMING = "_include=Task:focus&_include=Task:patient"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with county_world(tmp_path_factory.mktemp("world")) as made, made.three.loops():
        yield made


async def report(world: World, referred: Referred) -> None:
    """The provider accepts, with words."""
    operations = [
        {"op": "replace", "path": "/status", "value": "accepted"},
        {"op": "add", "path": "/note", "value": [{"text": MARK}]},
    ]
    headers = world.as_provider() | {"Content-Type": "application/json-patch+json", "If-Match": 'W/"1"'}
    answer = await world.three.http.patch(f"/fhir/Task/{referred.task}", json=operations, headers=headers)
    assert answer.status_code == 200, answer.text


async def withdraw(world: World, referred: Referred) -> None:
    operations = [{"op": "replace", "path": "/status", "value": "inactive"}]
    headers = world.as_ehr() | {"Content-Type": "application/json-patch+json", "If-Match": 'W/"1"'}
    answer = await world.three.http.patch(f"/fhir/Consent/{referred.id}", json=operations, headers=headers)
    assert answer.status_code == 200, answer.text


async def found(world: World, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    """The resources that come along, by a GET, a posted search and a batch, which all tell the same."""
    kind, _, query = path.partition("?")
    form = headers | {"Content-Type": "application/x-www-form-urlencoded"}
    http = world.three.http
    batch = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": path}}],
    }
    answers = [
        (await http.get(f"/fhir/{path}", headers=headers)).json(),
        (await http.post(f"/fhir/{kind}/_search", content=query, headers=form)).json(),
        (await http.post("/fhir", json=batch, headers=headers)).json()["entry"][0]["resource"],
    ]
    came = [
        [entry["resource"] for entry in one.get("entry", ()) if entry["search"]["mode"] == "include"]
        for one in answers
    ]
    assert came[0] == came[1] == came[2]
    return came[0]


async def read(world: World, kind: str, resource_id: str, headers: dict[str, str]) -> httpx.Response:
    return await world.three.http.get(f"/fhir/{kind}/{resource_id}", headers=headers)


async def test_what_is_returned_comes_along(world: World) -> None:
    """The other tests look for a mark: with a permission to return it is there."""
    referred = await refer(world)
    await report(world, referred)
    path = f"ServiceRequest?_id={referred.id}&_revinclude=Task:focus"
    (task,) = await found(world, path, world.as_ehr())
    assert (task["id"], MARK in str(task)) == (referred.id, True)


async def test_a_task_that_comes_along_tells_no_more_than_its_own_read(world: World) -> None:
    referred = await refer(world, bundle(consent="no-return"))
    await report(world, referred)
    path = f"ServiceRequest?_id={referred.id}&_revinclude=Task:focus"
    (task,) = await found(world, path, world.as_ehr())
    assert (task["id"], task["status"]) == (referred.id, "accepted")
    assert MARK not in str(task)
    assert task == (await read(world, "Task", referred.id, world.as_ehr())).json()


async def test_nothing_of_a_withdrawn_referral_comes_along_with_the_provider_s_task(world: World) -> None:
    referred = await refer(world)
    await report(world, referred)
    path, provider = f"Task?_id={referred.task}&{COMING}", world.as_provider()
    assert {one["resourceType"] for one in await found(world, path, provider)} == {
        "ServiceRequest", "Patient"
    }  # fmt: skip
    await withdraw(world, referred)
    for kind, resource_id in (("ServiceRequest", referred.service_request), ("Patient", referred.id)):
        assert (await read(world, kind, resource_id, provider)).status_code == 403
    assert await found(world, path, provider) == []
    own = await found(world, f"ServiceRequest?_id={referred.id}&_include=ServiceRequest:patient", provider)
    assert own == []


async def test_a_protected_person_comes_along_as_masked_as_it_is_read(world: World) -> None:
    posted = bundle(protected=True, hetu=True, phone=PHONE, performer="kotka-liikuntaneuvonta")
    patient = next(
        entry["resource"] for entry in posted["entry"] if entry["resource"]["resourceType"] == "Patient"
    )
    patient["address"] = [{"line": [STREET], "city": "Kotka"}]
    referred = await refer(world, posted)
    came = await found(world, f"Task?_id={referred.task}&{COMING}", world.as_provider())
    told = next(one for one in came if one["resourceType"] == "Patient")
    assert PHONE in str(told)
    assert "address" not in told
    assert (STREET in str(came), "1.2.246.21'" in str(came)) == (False, False)
    for one in came:
        same = await read(world, one["resourceType"], one["id"], world.as_provider())
        assert one == same.json()
