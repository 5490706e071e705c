"""The EHR simulator takes writes as a strict FHIR server does, and its ledger tells all of it."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from lahetti.simulators.ehr import EhrSimulator
from lahetti.simulators.fhir_client import FhirClient
from lahetti.simulators.loopback import LoopbackServer

TASK = {"resourceType": "Task", "status": "requested", "intent": "order"}


@pytest.fixture
def key() -> ECKey:
    return ECKey.generate_key("P-256", parameters={"kid": "one", "alg": "ES256"}, private=True)


@pytest.fixture
async def ehr(key: ECKey) -> AsyncIterator[EhrSimulator]:
    async def keys(_: web.Request) -> web.Response:
        return web.json_response(KeySet([key]).as_dict(private=False))

    publisher = LoopbackServer(lambda: [web.get("/jwks.json", keys)])
    await publisher.come_up()
    ehr = EhrSimulator(f"{publisher.origin}/jwks.json")
    await ehr.server.come_up()
    yield ehr
    await ehr.server.close()
    await publisher.close()


@pytest.fixture
async def platform(ehr: EhrSimulator, key: ECKey) -> AsyncIterator[FhirClient]:
    async with FhirClient(ehr.base, lambda: token(key, ehr.base)) as client:
        yield client


@pytest.fixture
def task_url(ehr: EhrSimulator) -> str:
    url = ehr.new_task_url()
    ehr.keep_task(url, TASK)
    return url


def token(key: ECKey, audience: str, *, seconds: int = 60) -> str:
    claims = {"aud": audience, "exp": int(time.time()) + seconds}
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


async def write(client: FhirClient, url: str, status: str, if_match: str | None) -> int:
    body: dict[str, Any] = TASK | {"id": url.rsplit("/", 1)[-1], "status": status}
    return (await client.request("PUT", url, body=body, if_match=if_match)).status


async def test_a_write_that_names_the_current_version_becomes_the_next_one(
    ehr: EhrSimulator, platform: FhirClient, task_url: str
) -> None:
    read = await platform.read(task_url)
    assert (read.status, read.etag) == (200, 'W/"1"')
    assert await write(platform, task_url, "accepted", read.etag) == 200
    assert ehr.statuses(task_url) == ["requested", "accepted"]
    assert ehr.task(task_url)["meta"]["versionId"] == "2"


@pytest.mark.parametrize("if_match", [None, 'W/"7"'])
async def test_a_write_without_the_current_version_is_refused_and_changes_nothing(
    ehr: EhrSimulator, platform: FhirClient, task_url: str, if_match: str | None
) -> None:
    assert await write(platform, task_url, "accepted", if_match) == 412
    assert ehr.statuses(task_url) == ["requested"]


async def test_the_ehr_changes_the_task_in_between_exactly_once(
    ehr: EhrSimulator, platform: FhirClient, task_url: str
) -> None:
    ehr.change_before_next_write(task_url, lambda task: task.update(description="changed here"))
    etag = (await platform.read(task_url)).etag
    assert await write(platform, task_url, "accepted", etag) == 412
    again = await platform.read(task_url)
    assert again.body["description"] == "changed here"
    assert await write(platform, task_url, "accepted", again.etag) == 200
    assert ehr.answers(task_url, "PUT") == [412, 200]


@pytest.mark.parametrize(
    "bearer",
    [
        lambda key, base: token(key, "https://another.example.org/fhir"),
        lambda key, base: token(key, base, seconds=-5),
        lambda key, base: token(ECKey.generate_key("P-256", parameters={"kid": "one"}), base),
        lambda key, base: "not a token",
    ],
    ids=["for another audience", "expired", "signed with another key", "no token at all"],
)
async def test_a_foreign_token_is_refused_and_seen_in_the_ledger(
    ehr: EhrSimulator, key: ECKey, task_url: str, bearer: Callable[[ECKey, str], str]
) -> None:
    async with FhirClient(ehr.base, lambda: bearer(key, ehr.base)) as stranger:
        assert (await stranger.read(task_url)).status == 401
    assert [(line.authorized, line.answered) for line in ehr.requests] == [(False, 401)]


async def test_a_patch_moves_the_task_too(ehr: EhrSimulator, platform: FhirClient, task_url: str) -> None:
    operations = [{"op": "replace", "path": "/status", "value": "accepted"}]
    assert (await platform.patch(task_url, operations, 'W/"1"')).status == 200
    assert ehr.task(task_url)["status"] == "accepted"


async def test_a_body_that_is_not_this_task_is_refused(
    ehr: EhrSimulator, platform: FhirClient, task_url: str
) -> None:
    answer = await platform.request("PUT", task_url, body=TASK | {"id": "another"}, if_match='W/"1"')
    assert answer.status == 400
    assert len(ehr.versions(task_url)) == 1
