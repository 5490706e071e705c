import socket
import ssl

import aiohttp
import pytest
from service_runtime.clock import SystemClock
from service_runtime.delivery.classes import RULES, AttemptClass, class_of_exception, class_of_status
from service_runtime.delivery.over_http import class_of_http_error, retry_after
from service_runtime.public_addresses import NotPublicError, PublicResolver
from support.clocks import StandingClock


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, "delivered"), (202, "delivered"), (299, "delivered"),
        (301, "redirect_error"), (307, "redirect_error"), (304, "redirect_error"),
        (400, "client_error"), (401, "auth_error"), (403, "auth_error"), (404, "client_error"),
        (408, "server_error"), (410, "gone"), (422, "client_error"), (425, "server_error"),
        (429, "rate_limited"), (500, "server_error"), (502, "server_error"), (503, "unavailable"),
        (504, "server_error"), (599, "server_error"),
    ],
)  # fmt: skip
def test_the_status_alone_decides_the_class_of_an_answer(status: int, expected: str) -> None:
    assert class_of_status(status) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionRefusedError(), "connection_refused"),
        (ConnectionResetError(), "connection_reset"),
        (BrokenPipeError(), "connection_reset"),
        (TimeoutError(), "timeout"),
        (socket.gaierror(-2, "not known"), "dns_error"),
        (ssl.SSLCertVerificationError(1, "expired"), "tls_error"),
        (KeyError("a mistake of ours"), "own_fault"),
    ],
)
def test_a_failure_below_http_is_classed_by_its_kind(error: Exception, expected: str) -> None:
    assert class_of_exception(error) == expected


def test_the_cause_of_a_failure_decides_when_the_failure_itself_says_nothing() -> None:
    outer = RuntimeError("wrapped")
    outer.__cause__ = ConnectionRefusedError()

    assert class_of_exception(outer) is AttemptClass.REFUSED


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (aiohttp.ServerDisconnectedError(), "connection_reset"),
        (aiohttp.ClientPayloadError(), "connection_reset"),
        (aiohttp.InvalidURL("not an address"), "invalid_url"),
        (aiohttp.ServerTimeoutError(), "timeout"),
        (NotPublicError(), "ssrf_blocked"),
        (ValueError("a mistake of ours"), "own_fault"),
    ],
)
def test_what_aiohttp_raises_is_classed(error: Exception, expected: str) -> None:
    assert class_of_http_error(error) == expected


async def test_a_host_that_does_not_exist_and_a_closed_port_are_told_apart() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = {}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as client:
        for url in (
            f"http://127.0.0.1:{port}/",
            "http://nowhere.invalid/",
            "ftp://example.org/",
            "not a url",
        ):
            try:
                await client.get(url)
            except (aiohttp.ClientError, OSError, ValueError) as error:
                found[url] = class_of_http_error(error)

    assert list(found.values()) == ["connection_refused", "dns_error", "invalid_url", "invalid_url"]


async def test_a_name_of_an_inner_address_is_not_a_name_that_does_not_exist() -> None:
    connector = aiohttp.TCPConnector(resolver=PublicResolver())
    async with aiohttp.ClientSession(connector=connector) as client:
        with pytest.raises(aiohttp.ClientConnectorDNSError) as refused:
            await client.get("https://localhost/")

    assert class_of_http_error(refused.value) is AttemptClass.ADDRESS_BLOCKED


def test_every_class_has_a_rule_with_a_hint_of_one_line() -> None:
    assert set(RULES) == set(AttemptClass)
    assert all(rule.hint.strip() and "\n" not in rule.hint for rule in RULES.values())


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("Mon, 02 Mar 2026 09:00:30 GMT", 30.0),
        ("Mon, 02 Mar 2026 08:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": header}, StandingClock().now()) == seconds


def test_no_retry_after_is_none() -> None:
    assert retry_after({}, SystemClock().now()) is None
