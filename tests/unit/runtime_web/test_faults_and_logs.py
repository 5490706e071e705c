"""What a fault tells the user and what the log: an id and places, never a value."""

import errno
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Body, Depends, Response
from referral_contracts.error_catalogue import CATALOGUE
from referral_contracts.errors import refuse
from service_runtime import trace_context
from service_runtime.web.access import Caller, public_route, requires
from service_runtime.web.problems import STATUSES, Problem
from service_runtime.web.responses import JsonResponse
from sqlalchemy.exc import OperationalError
from support.web_app import LIMIT, SmallService, slug, small_service

NAME = "Testi Testinen"
AWAY = {
    "refused": OperationalError("SELECT name", {"name": NAME}, ConnectionRefusedError()),
    "slow": TimeoutError(),
    "unknown": socket.gaierror(-2, "no such name"),
    "unreachable": OSError(errno.EHOSTUNREACH, "no route"),
    "reset": ConnectionResetError(),
}
"""How a database or a neighbour that cannot be reached shows itself, a driver's own errors among them."""
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def routes() -> APIRouter:
    router = APIRouter(dependencies=[Depends(public_route)])

    @router.get("/fault/{name}")
    async def fault(name: str) -> Response:
        raise ValueError(f"no such person: {name}")

    @router.get("/refused")
    async def refused() -> Response:
        raise refuse("unknown-code", "ServiceRequest.code")

    @router.get("/wordless")
    async def wordless() -> Response:
        raise Problem("scope-missing")

    @router.get("/later")
    async def later() -> Response:
        raise Problem("too-many-requests", headers={"Retry-After": "7"})

    @router.get("/away/{how}")
    async def away(how: str) -> Response:
        raise AWAY[how]

    @router.get("/no-file")
    async def no_file() -> Response:
        raise FileNotFoundError(errno.ENOENT, "ours")

    @router.post("/model")
    async def model(body: Annotated[dict[str, str], Body()]) -> Response:
        return JsonResponse(body)

    @router.get("/trace")
    async def trace() -> Response:
        return Response(trace_context.current())

    return router


def closed_routes() -> APIRouter:
    router = APIRouter()

    @router.get("/fhir/Patient/{number}")
    async def read(number: str, caller: Annotated[Caller, Depends(requires("system/Patient.r"))]) -> Response:
        return JsonResponse({"id": number, "client": caller.client_id})

    return router


@pytest.fixture
def service(tmp_path: Path) -> SmallService:
    return small_service(tmp_path, [routes(), closed_routes()])


@pytest.fixture
async def client(service: SmallService) -> AsyncIterator[httpx.AsyncClient]:
    async with service.client() as client:
        yield client


async def test_a_fault_is_500_with_an_id_that_the_log_knows(
    service: SmallService, client: httpx.AsyncClient
) -> None:
    response = await client.get(f"/fault/{NAME}")
    assert (response.status_code, slug(response)) == (500, "internal")
    (line,) = service.lines("http.failed")
    assert line["error_id"] == response.headers["x-request-id"]
    assert line["error_id"] in response.text
    assert line["error"] == "ValueError"
    assert line["at_frames"][-1].endswith(" fault")


async def test_no_value_of_a_request_is_in_the_log_or_the_answer(
    service: SmallService, client: httpx.AsyncClient
) -> None:
    """INVARIANT: no path, parameter or exception's text reaches the log; logging raw paths breaks it."""
    answers = [
        await client.get(path) for path in (f"/fault/{NAME}", f"/away/refused?name={NAME}", f"/none/{NAME}")
    ]
    assert [answer.status_code for answer in answers] == [500, 503, 404]
    assert len(service.lines("http.request")) == 3
    for text in (service.stream.getvalue(), *(answer.text for answer in answers)):
        assert "Testinen" not in text


async def test_a_refusal_of_a_service_is_rendered_with_its_place(client: httpx.AsyncClient) -> None:
    response = await client.get("/refused")
    assert (response.status_code, slug(response)) == (422, "unknown-code")
    assert response.json()["issue"][0]["expression"] == ["ServiceRequest.code"]


async def test_a_refusal_that_cannot_be_put_into_words_is_a_fault(
    service: SmallService, client: httpx.AsyncClient
) -> None:
    response = await client.get("/wordless")
    assert (response.status_code, slug(response)) == (500, "internal")
    assert service.lines("http.failed")[0]["error"] == "KeyError"


async def test_headers_of_a_refusal_go_with_it(client: httpx.AsyncClient) -> None:
    response = await client.get("/later")
    assert (response.status_code, response.headers["retry-after"]) == (429, "7")


@pytest.mark.parametrize("how", AWAY)
async def test_what_cannot_be_reached_is_503_and_worth_a_retry(
    service: SmallService, client: httpx.AsyncClient, how: str
) -> None:
    response = await client.get(f"/away/{how}")
    assert (response.status_code, slug(response)) == (503, "unavailable")
    assert response.headers["retry-after"] == "1"
    assert service.lines("http.failed")[0]["error"] == type(AWAY[how]).__name__


async def test_a_file_of_ours_that_is_missing_is_a_fault(client: httpx.AsyncClient) -> None:
    assert (await client.get("/no-file")).status_code == 500


@pytest.mark.parametrize(
    ("content", "status", "expected"),
    [
        (b"{", 400, "malformed-json"),
        (b"[]", 422, "invalid-value"),
        (b"\xff\xfe", 400, "malformed-json"),
        (b'{"a": "' + b"x" * LIMIT + b'"}', 413, "body-too-large"),
    ],
)
async def test_a_body_that_the_framework_reads_is_refused_in_our_words(
    client: httpx.AsyncClient, content: bytes, status: int, expected: str
) -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield content

    response = await client.post("/model", content=stream(), headers={"Content-Type": "application/json"})
    assert (response.status_code, slug(response)) == (status, expected)


async def test_a_request_leaves_one_line_with_the_routes_template(
    service: SmallService, client: httpx.AsyncClient
) -> None:
    headers = service.token("system/Patient.r", "ehr", "ehr-9") | {
        "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"
    }
    response = await client.get("/fhir/Patient/0198", headers=headers)
    (line,) = service.lines("http.request")
    assert line["route"] == "/fhir/Patient/{number}"
    assert {
        "method": "GET",
        "status": 200,
        "client_id": "ehr-9",
        "caller_kind": "ehr",
    }.items() <= line.items()
    assert (line["request_id"], line["trace"]) == (response.headers["x-request-id"], TRACE)
    assert line["ms"] >= 0
    assert "0198" not in service.stream.getvalue()


async def test_work_inside_a_request_belongs_to_the_callers_trace(client: httpx.AsyncClient) -> None:
    sent = f"00-{TRACE}-00f067aa0ba902b7-01"
    inside = (await client.get("/trace", headers={"traceparent": sent})).text
    assert inside != sent
    assert (inside[:36], inside[-3:]) == (sent[:36], "-01")


@pytest.mark.parametrize(
    "sent", ["", "x", f"ff-{TRACE}-00f067aa0ba902b7-01", f"00-{'0' * 32}-00f067aa0ba902b7-01"]
)
async def test_a_traceparent_that_is_none_begins_a_new_trace(client: httpx.AsyncClient, sent: str) -> None:
    inside = (await client.get("/trace", headers={"traceparent": sent})).text
    assert len(inside) == 55
    assert inside[3:35] not in sent


async def test_requests_are_counted_by_route(service: SmallService, client: httpx.AsyncClient) -> None:
    await client.get("/refused")
    await client.get("/nothing/at/all")
    text = (await client.get("/metrics", headers={"Accept": "application/openmetrics-text"})).text
    assert (
        'lahetti_http_requests_total{method="GET",route="/refused",service="small",status="422"} 1.0' in text
    )
    assert 'route="none"' in text
    assert "/nothing" not in text


def test_every_refusal_of_the_runtime_is_in_the_catalogue_with_its_status() -> None:
    """INVARIANT: the runtime knows no catalogue; a slug that only one of the two has would be a 500."""
    assert {slug: CATALOGUE[slug].http_status for slug in STATUSES} == STATUSES
