"""Which requests reach a route: media types, sizes, encodings, paths and methods."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Depends, Request, Response
from service_runtime.web.access import public_route
from service_runtime.web.refusals import Pages
from service_runtime.web.responses import FhirResponse
from support.web_app import LIMIT, SmallService, slug, small_service


def routes() -> APIRouter:
    router = APIRouter(dependencies=[Depends(public_route)])

    async def echo(request: Request) -> Response:
        return FhirResponse(await request.body())

    router.add_api_route("/fhir", echo, methods=["POST"])
    router.add_api_route("/fhir/Task/{id}", echo, methods=["GET", "PUT", "PATCH"])
    router.add_api_route("/fhir/Task/{id}", echo, methods=["DELETE"])
    router.add_api_route("/p/{link}", echo, methods=["POST"])

    @router.get("/fhir/Task")
    async def search(count: int = 10) -> Response:
        return FhirResponse(str(count))

    return router


@pytest.fixture
def service(tmp_path: Path) -> SmallService:
    pages = Pages(("/p/",), lambda issues, language: f"<p>{issues[0].slug} {language}</p>".encode())
    return small_service(tmp_path, [routes()], pages=pages)


@pytest.fixture
async def client(service: SmallService) -> AsyncIterator[httpx.AsyncClient]:
    async with service.client() as client:
        yield client


@pytest.mark.parametrize(
    "media_type",
    [
        "application/fhir+json",
        "application/json",
        "Application/FHIR+JSON; charset=UTF-8",
        'application/fhir+json;charset="utf-8"; fhirVersion=4.0',
    ],
)
async def test_json_is_taken(client: httpx.AsyncClient, media_type: str) -> None:
    response = await client.post("/fhir", content=b"{}", headers={"Content-Type": media_type})
    assert (response.status_code, response.content) == (200, b"{}")
    assert response.headers["content-type"] == "application/fhir+json"


@pytest.mark.parametrize(
    "media_type",
    [
        "application/fhir+xml",
        "text/xml",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/fhir+json; charset=latin-1",
        "application/fhir+json; fhirVersion=5.0",
        "application/json-patch+json",
        "nonsense",
    ],
)
async def test_any_other_body_is_415(client: httpx.AsyncClient, media_type: str) -> None:
    response = await client.post("/fhir", content=b"{}", headers={"Content-Type": media_type})
    assert (response.status_code, slug(response)) == (415, "unsupported-media-type")


async def test_a_body_without_a_media_type_is_415(client: httpx.AsyncClient) -> None:
    response = await client.post("/fhir", content=b"{}")
    assert (response.status_code, slug(response)) == (415, "unsupported-media-type")


async def test_a_post_without_a_body_needs_no_media_type(client: httpx.AsyncClient) -> None:
    assert (await client.post("/fhir")).status_code == 200


async def test_a_patch_is_a_json_patch(client: httpx.AsyncClient) -> None:
    good = {"Content-Type": "application/json-patch+json"}
    assert (await client.patch("/fhir/Task/1", content=b"[]", headers=good)).status_code == 200
    other = await client.patch("/fhir/Task/1", content=b"[]", headers={"Content-Type": "application/json"})
    assert (other.status_code, slug(other)) == (415, "patch-media-type")


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/*",
        "application/json",
        "application/fhir+json; fhirVersion=4.0",
        "text/html, application/fhir+json;q=0.1",
        "text/html,*/*;q=0.8",
    ],
)
async def test_who_takes_json_is_answered(client: httpx.AsyncClient, accept: str) -> None:
    assert (await client.get("/fhir/Task/1", headers={"Accept": accept})).status_code == 200


@pytest.mark.parametrize(
    "accept",
    [
        "application/fhir+xml",
        "text/html",
        "application/fhir+json;q=0",
        "application/fhir+json; fhirVersion=5.0",
        "application/fhir+turtle, x",
    ],
)
async def test_who_takes_no_json_is_told_406(client: httpx.AsyncClient, accept: str) -> None:
    response = await client.get("/fhir/Task/1", headers={"Accept": accept})
    assert (response.status_code, slug(response)) == (406, "not-acceptable")


@pytest.mark.parametrize("wish", ["xml", "application/fhir%2Bxml", "application/fhir+xml", "ttl"])
async def test_a_format_other_than_json_is_told_406_whatever_the_header_says(
    client: httpx.AsyncClient, wish: str
) -> None:
    response = await client.get(f"/fhir/Task/1?_format={wish}", headers={"Accept": "application/json"})
    assert (response.status_code, slug(response)) == (406, "not-acceptable")


@pytest.mark.parametrize(
    "wish", ["json", "application/json", "application/fhir%2Bjson", "application/fhir+json"]
)
async def test_json_may_be_asked_for_by_format(client: httpx.AsyncClient, wish: str) -> None:
    assert (await client.get(f"/fhir/Task/1?_format={wish}")).status_code == 200


async def test_a_compressed_body_is_refused(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = await client.post("/fhir", content=b"\x1f\x8b", headers=headers)
    assert (response.status_code, slug(response)) == (415, "compressed-body")


async def test_a_body_of_the_limit_is_taken_and_one_byte_more_is_413(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    assert (await client.post("/fhir", content=b"x" * LIMIT, headers=headers)).status_code == 200
    response = await client.post("/fhir", content=b"x" * (LIMIT + 1), headers=headers)
    assert (response.status_code, slug(response)) == (413, "body-too-large")
    assert str(LIMIT) in response.text


async def test_a_streamed_body_is_413_as_soon_as_it_passes_the_limit(client: httpx.AsyncClient) -> None:
    """INVARIANT: a body without a length is never held whole; counting it at its end breaks it."""
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 1000 * LIMIT:
            sent += 1000
            yield b"x" * 1000

    response = await client.post("/fhir", content=chunks(), headers={"Content-Type": "application/json"})
    assert (response.status_code, slug(response)) == (413, "body-too-large")
    assert sent <= 10 * LIMIT
    assert response.headers["connection"] == "close"


async def test_no_such_path_is_404_and_no_such_method_405(client: httpx.AsyncClient) -> None:
    for path in ("/", "/nothing", "/fhir/Task/1/2", "/docs", "/openapi.json", "/fhir/Task/"):
        response = await client.get(path)
        assert (response.status_code, slug(response)) == (404, "not-found")
    response = await client.delete("/fhir")
    assert (response.status_code, slug(response)) == (405, "method-not-allowed")
    assert response.headers["allow"] == "POST"
    several = await client.post("/fhir/Task/1")
    assert (several.status_code, several.headers["allow"]) == (405, "DELETE, GET, PATCH, PUT")


async def test_a_parameter_that_is_no_number_is_400_and_named_as_fhir_does(client: httpx.AsyncClient) -> None:
    response = await client.get("/fhir/Task", params={"count": "many"})
    assert (response.status_code, slug(response)) == (400, "invalid-parameter")
    assert response.json()["issue"][0]["expression"] == ["http.count"]
    assert "many" not in response.text


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (None, "There is no such resource."),
        ("fi-FI,fi;q=0.9,en;q=0.5", "Resurssia ei ole."),
        ("de, sv;q=0.3", "Resursen finns inte."),
        ("fi;q=nonsense, en", "There is no such resource."),
        ("*", "There is no such resource."),
    ],
)
async def test_refusals_speak_the_language_that_is_wanted(
    client: httpx.AsyncClient, wanted: str | None, text: str
) -> None:
    response = await client.get("/nothing", headers={"Accept-Language": wanted} if wanted else {})
    assert response.json()["issue"][0]["details"]["text"] == text


async def test_a_page_takes_plain_forms_and_answers_with_a_page(client: httpx.AsyncClient) -> None:
    assert (
        await client.post("/p/abc", data={"pin": "1"}, headers={"Accept": "text/html"})
    ).status_code == 200
    refused = await client.post("/p/abc", json={"pin": "1"}, headers={"Accept": "text/html"})
    assert (refused.status_code, refused.text) == (415, "<p>form-media-type fi</p>")
    assert refused.headers["content-type"] == "text/html; charset=utf-8"
    missing = await client.get("/p/abc/def", headers={"Accept-Language": "sv"})
    assert (missing.status_code, missing.text) == (404, "<p>not-found sv</p>")


async def test_a_client_that_goes_away_is_no_fault(service: SmallService) -> None:
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    headers = [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "method": "POST", "path": "/fhir", "headers": headers, "query_string": b""}

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        raise AssertionError("nobody is there")

    await service.app(scope, receive, send)
    assert service.lines("http.failed") == []
    assert service.lines("http.request")[0]["status"] == 499


async def test_an_answer_is_never_cached_unless_the_route_says_so(client: httpx.AsyncClient) -> None:
    response = await client.get("/fhir/Task/1")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
