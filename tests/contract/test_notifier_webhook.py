"""The webhook sender against a real HTTP server; its signature against the Standard Webhooks library."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from provider_notifier.adapters.endpoint_book import KnownEndpoint
from provider_notifier.adapters.webhook_sender import WebhookSender
from provider_notifier.use_cases.give_secret import new_secret
from service_runtime import http
from service_runtime.clock import SystemClock
from service_runtime.delivery.sender import Attempted
from standardwebhooks import Webhook, WebhookVerificationError
from support.notifier import a_box, a_claimed_delivery, a_notice, an_address, known

SECRET, OLD_SECRET = new_secret(), new_secret()
CLOCK = SystemClock()
TRACE = "0af7651916cd43dd8448eb211c80319c"


class Provider:
    """Takes webhooks; `answer` decides what it says."""

    def __init__(self, answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self._answer = answer

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((dict(request.headers), await request.read()))
        return await self._answer(request)


@asynccontextmanager
async def listening(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[Any]:
    provider = Provider(answer)
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", provider.handle)
    server = TestServer(app)
    await server.start_server()
    try:
        yield provider, str(server.make_url("/notifications"))
    finally:
        await server.close()


def answering(
    status: int, body: bytes = b"", **headers: str
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers=headers)

    return answer


async def send(endpoints: dict[str, KnownEndpoint], folder: Path, **given: Any) -> Attempted:
    async with http.session(total_seconds=given.pop("total_seconds", 5)) as client:
        sender = WebhookSender(client, endpoints, a_box(folder), "https://lahetti.example.org", CLOCK)
        return await sender.send(a_claimed_delivery(given.pop("notice", a_notice()), **given))


def endpoint_at(
    url: str, folder: Path, secret: str | None = SECRET, **given: Any
) -> dict[str, KnownEndpoint]:
    address = an_address(address=url)
    sealed = None if secret is None else a_box(folder).seal(secret.encode(), about=address.id)
    return known(address, sealed, **given)


async def test_a_webhook_is_verified_by_the_standard_webhooks_library(tmp_path: Path) -> None:
    notice = a_notice(traceparent=f"00-{TRACE}-b7ad6b7169203331-01")
    async with listening(answering(200, b"thank you")) as (provider, url):
        attempted = await send(endpoint_at(url, tmp_path), tmp_path, notice=notice, event_id="e-1")

    headers, body = provider.requests[0]
    assert Webhook(SECRET).verify(body, headers) == json.loads(body)
    headers = {name.lower(): value for name, value in headers.items()}
    assert headers["webhook-id"] == "e-1"
    assert headers["referral-sequence"] == "3"
    assert headers["traceparent"].split("-")[:2] == ["00", TRACE], "a span of ours in the event's own trace"
    assert headers["traceparent"] != notice.traceparent
    assert headers["content-type"] == "application/fhir+json"
    assert notice.task in body.decode()
    assert (attempted.outcome, attempted.status_code, attempted.length) == ("delivered", 200, 9)
    assert attempted.digest is not None
    assert "thank" not in attempted.digest


async def test_a_changed_body_and_another_secret_are_not_verified(tmp_path: Path) -> None:
    async with listening(answering(200)) as (provider, url):
        await send(endpoint_at(url, tmp_path), tmp_path)

    headers, body = provider.requests[0]
    for secret, changed in ((SECRET, body + b" "), (OLD_SECRET, body)):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(changed, headers)


@pytest.mark.parametrize(("hours", "valid"), [(1, True), (-1, False)])
async def test_the_secret_before_signs_too_until_its_overlap_is_over(
    tmp_path: Path, hours: int, valid: bool
) -> None:
    previous = a_box(tmp_path).seal(OLD_SECRET.encode(), about="gym-webhook")
    until = CLOCK.now() + timedelta(hours=hours)
    async with listening(answering(200)) as (provider, url):
        await send(endpoint_at(url, tmp_path, previous_secret=previous, previous_until=until), tmp_path)

    headers, body = provider.requests[0]
    Webhook(SECRET).verify(body, headers)
    if valid:
        Webhook(OLD_SECRET).verify(body, headers)
    else:
        with pytest.raises(WebhookVerificationError):
            Webhook(OLD_SECRET).verify(body, headers)


async def test_nothing_is_sent_unsigned(tmp_path: Path) -> None:
    async with listening(answering(200)) as (provider, url):
        attempted = await send(endpoint_at(url, tmp_path, secret=None), tmp_path)

    assert attempted.outcome == "own_fault"
    assert provider.requests == []


async def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    async with listening(answering(307, Location="/elsewhere")) as (provider, url):
        attempted = await send(endpoint_at(url, tmp_path), tmp_path)

    assert (attempted.outcome, len(provider.requests)) == ("redirect_error", 1)


async def test_retry_after_comes_with_the_answer(tmp_path: Path) -> None:
    async with listening(answering(429, **{"Retry-After": "7"})) as (_, url):
        attempted = await send(endpoint_at(url, tmp_path), tmp_path)

    assert (attempted.outcome, attempted.retry_after) == ("rate_limited", 7.0)


async def test_of_an_endless_answer_64_kilobytes_are_read(tmp_path: Path) -> None:
    async with listening(answering(200, b"x" * 1_000_000)) as (_, url):
        attempted = await send(endpoint_at(url, tmp_path), tmp_path)

    assert (attempted.outcome, attempted.length) == ("delivered", 65_536)


async def test_what_was_accepted_counts_though_the_connection_breaks_in_the_answers_body(
    tmp_path: Path,
) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"only this")
        assert request.transport is not None
        request.transport.abort()
        return response

    async with listening(break_off) as (_, url):
        attempted = await send(endpoint_at(url, tmp_path), tmp_path)

    assert (attempted.outcome, attempted.status_code) == ("delivered", 200)


async def test_no_answer_in_time_is_a_timeout(tmp_path: Path) -> None:
    silent = asyncio.Event()

    async def say_nothing(_: web.Request) -> web.Response:
        await silent.wait()
        return web.Response()

    async with listening(say_nothing) as (_, url):
        attempted = await send(endpoint_at(url, tmp_path), tmp_path, total_seconds=0.2)
        silent.set()

    assert attempted.outcome == "timeout"


async def test_a_closed_port_and_an_address_that_is_none_are_classed(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}/"

    outcomes = [(await send(endpoint_at(url, tmp_path), tmp_path)).outcome for url in (closed, "tel:+358")]

    assert outcomes == ["connection_refused", "invalid_url"]


@pytest.mark.parametrize("changed", [{"active": False}, {"test": True}])
async def test_an_endpoint_that_may_no_longer_hear_of_it_is_sent_nothing(
    tmp_path: Path, changed: dict[str, bool]
) -> None:
    async with listening(answering(200)) as (provider, url):
        endpoints = known(an_address(address=url, **changed), b"sealed")
        attempted = await send(endpoints, tmp_path)

    assert (attempted.outcome, provider.requests) == ("no_listener", [])
