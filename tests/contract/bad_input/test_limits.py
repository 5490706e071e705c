"""The limits that docs/limits.md states: each is answered in form, and nothing of it is stored."""

import asyncio
import gzip
import json
from urllib.parse import urlsplit

import psutil
import pytest
from service_runtime.web import request_body
from support.routes import outcome_fault
from support.routes_attempts import Watch, good
from support.routes_world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")

MIB = 1024 * 1024
TIMES = 5
MOST_GROWTH = 64 * MIB


def with_total(value: str) -> bytes:
    return b'{"resourceType":"Bundle","type":"transaction","total":%b}' % value.encode()


HOSTILE: dict[str, tuple[bytes, int, str | None]] = {
    "half a million levels": (b"[" * 500_000 + b"]" * 500_000, 400, "malformed-json"),
    "101 levels of honest JSON": (b'{"a":' * 101 + b"1" + b"}" * 101, 400, "malformed-json"),
    "a number of 100,000 digits": (with_total("9" * 100_000), 400, "malformed-json"),
    "a number past every float": (with_total("1e400"), 400, "malformed-json"),
    "a text of nearly a mebibyte": (with_total(f'"{"ö" * 400_000}"'), 422, None),
    "half of a surrogate pair": (b'{"resourceType":"Bundle","type":"\\ud800"}', 400, "malformed-json"),
    "text that turns around, and a NUL": (b'{"resourceType":"Bundle","type":"\\u202e\\u0000"}', 422, None),
    "the same key twice": (b'{"resourceType":"Bundle","type":"batch","type":"x"}', 400, "malformed-json"),
    "one byte too many": (b" " * (MIB + 1), 413, "body-too-large"),
    "200,000 entries": (with_total('0,"entry":[' + "{}," * 200_000 + "{}]"), 413, "too-many-parts"),
    "19,000 faulty entries": (with_total('0,"entry":[' + "{}," * 19_000 + "{}]"), 422, None),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_body_is_refused_in_form(watch: Watch, name: str) -> None:
    body, status, slug = HOSTILE[name]
    answer = await watch.refused(good("POST /fhir", watch.world).saying(body), status, slug=slug)
    assert outcome_fault(answer) is None
    assert len(answer.json()["issue"]) <= 50


async def test_a_compressed_bomb_is_not_opened(world: World) -> None:
    answer = await _post(world, gzip.compress(b" " * 200 * MIB), **{"Content-Encoding": "gzip"})
    assert (answer.status_code, outcome_fault(answer)) == (415, None)


async def test_memory_stays_bounded_under_all_of_it(world: World) -> None:
    for body, _, _ in HOSTILE.values():
        await _post(world, body)
    before = psutil.Process().memory_info().rss
    for _ in range(TIMES):
        for body, _, _ in HOSTILE.values():
            await _post(world, body)
    assert psutil.Process().memory_info().rss - before < MOST_GROWTH


async def test_a_body_that_does_not_come_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_body, "BODY_SECONDS", 0.2)
    monkeypatch.setattr(request_body, "DRAIN_SECONDS", 0.2)
    address = urlsplit(world.three.base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = {"Host": "x", "Content-Type": "application/fhir+json", "Content-Length": "1000", **world.as_ehr()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    writer.write(f"POST /fhir HTTP/1.1\r\n{lines}\r\n".encode() + b'{"resourceType"')
    await writer.drain()
    async with asyncio.timeout(30):
        status = await reader.readline()
        rest = await reader.read()
    writer.close()
    assert b" 408 " in status
    assert json.loads(rest.partition(b"\r\n\r\n")[2])["resourceType"] == "OperationOutcome"


async def _post(world: World, body: bytes, **headers: str):
    sent = {"Content-Type": "application/fhir+json", **headers, **world.as_ehr()}
    return await world.three.http.post("/fhir", content=body, headers=sent)
