"""The front door of the processes leads where the ingress leads, and changes nothing on the way."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from lahetti.composition.blueprint import COLLECTOR, GATEWAY, NOTIFIER
from lahetti.composition.embedded import free_port
from lahetti.composition.front_door import FrontDoor
from lahetti.simulators.loopback import HOST, LoopbackServer
from yarl import URL


def service(name: str) -> LoopbackServer:
    async def answer(request: web.Request) -> web.Response:
        told = {
            "service": name,
            "target": request.raw_path,
            "media": request.headers.get("Content-Type"),
            "bearer": request.headers.get("Authorization"),
            "body": (await request.read()).decode(),
        }
        return web.json_response(told, status=207, headers={"ETag": 'W/"3"'})

    return LoopbackServer(lambda: [web.route("*", "/{path:.*}", answer)])


@pytest.fixture
async def services() -> AsyncIterator[dict[str, LoopbackServer]]:
    services = {name: service(name) for name in (GATEWAY, COLLECTOR, NOTIFIER)}
    for server in services.values():
        await server.come_up()
    yield services
    for server in services.values():
        await server.close()


@pytest.fixture
async def address(services: dict[str, LoopbackServer]) -> AsyncIterator[str]:
    door, port = FrontDoor({name: server.origin for name, server in services.items()}, GATEWAY), free_port()
    await door.open(port)
    yield f"http://{HOST}:{port}"
    await door.close()


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/fhir", GATEWAY),
        ("/fhir/ServiceRequest/1", GATEWAY),
        ("/fhir/Tasks", GATEWAY),
        ("/gateway/cases", GATEWAY),
        ("/fhir/Task", COLLECTOR),
        ("/fhir/Task/1/_history/2", COLLECTOR),
        ("/p/link", COLLECTOR),
        ("/patients", GATEWAY),
        ("/notifier/trace/1", NOTIFIER),
    ],
)
async def test_a_path_leads_to_the_service_that_answers_it(address: str, path: str, leads_to: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{address}{path}") as answer:
        assert (await answer.json())["service"] == leads_to


async def test_a_request_and_its_answer_pass_as_they_are(address: str) -> None:
    headers = {"Authorization": "Bearer x", "Content-Type": "application/fhir+json"}
    target = "/fhir/Task?status=requested%2Caccepted&x=a+b%20c"
    url = URL(f"{address}{target}", encoded=True)
    async with (
        aiohttp.ClientSession() as session,
        session.patch(url, data=b"[]", headers=headers) as answer,
    ):
        told = await answer.json()
    assert (answer.status, answer.headers["ETag"]) == (207, 'W/"3"')
    assert told["target"] == target
    assert (told["media"], told["bearer"], told["body"]) == ("application/fhir+json", "Bearer x", "[]")


async def test_a_request_without_a_body_gets_no_content_type(address: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{address}/p/link") as answer:
        assert (await answer.json())["media"] is None


async def test_a_service_that_is_away_is_told_as_503(
    address: str, services: dict[str, LoopbackServer]
) -> None:
    await services[GATEWAY].go_down()
    async with aiohttp.ClientSession() as session, session.get(f"{address}/fhir/metadata") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
