"""Who gets through to a route, and what the others are told."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, Response
from service_runtime.web.access import Caller, public_route, requires
from support.web_app import SmallService, slug, small_service


def routes() -> APIRouter:
    router = APIRouter()

    @router.get("/fhir/Task/{number}")
    async def read(
        number: str, caller: Annotated[Caller, Depends(requires("system/Task.r", "provider", "ehr"))]
    ) -> Response:
        return Response(f"{caller.client_id} {caller.kind} {number}")

    @router.get("/open", dependencies=[Depends(public_route)])
    async def anybody() -> Response:
        return Response("open")

    return router


@pytest.fixture
def service(tmp_path: Path) -> SmallService:
    return small_service(tmp_path, [routes()])


@pytest.fixture
async def client(service: SmallService) -> AsyncIterator[httpx.AsyncClient]:
    async with service.client() as client:
        yield client


async def test_a_token_with_the_scope_gets_through(service: SmallService, client: httpx.AsyncClient) -> None:
    headers = service.token("system/Task.rsu", "provider", "liikunta")
    assert (await client.get("/fhir/Task/7", headers=headers)).text == "liikunta provider 7"


async def test_the_scheme_of_the_token_is_read_in_any_case(
    service: SmallService, client: httpx.AsyncClient
) -> None:
    token = service.token("system/Task.r")["Authorization"].split()[1]
    assert (await client.get("/fhir/Task/7", headers={"Authorization": f"bearer {token}"})).status_code == 200


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dTpw", "token"])
async def test_without_a_token_the_answer_is_401_and_says_what_is_missing(
    client: httpx.AsyncClient, header: str | None
) -> None:
    response = await client.get("/fhir/Task/7", headers={} if header is None else {"Authorization": header})
    assert (response.status_code, slug(response)) == (401, "token-missing")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_a_token_that_is_none_is_401(client: httpx.AsyncClient) -> None:
    response = await client.get("/fhir/Task/7", headers={"Authorization": "Bearer abc"})
    assert (response.status_code, slug(response)) == (401, "token-invalid")


async def test_without_the_scope_the_answer_is_403_and_names_it(
    service: SmallService, client: httpx.AsyncClient
) -> None:
    response = await client.get("/fhir/Task/7", headers=service.token("system/Task.us system/Patient.r"))
    assert (response.status_code, slug(response)) == (403, "scope-missing")
    assert "system/Task.r" in response.text


async def test_another_kind_of_caller_is_403_whatever_its_scope(
    service: SmallService, client: httpx.AsyncClient
) -> None:
    response = await client.get("/fhir/Task/7", headers=service.token("system/Task.r", "staff"))
    assert (response.status_code, slug(response)) == (403, "caller-not-allowed")


async def test_a_public_route_needs_no_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("/open")).text == "open"
