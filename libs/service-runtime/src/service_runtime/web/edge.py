"""The edge of an application: limits, trace, refusal, log line and figures of every request."""

import logging
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service_runtime import trace_context
from service_runtime.caller import Caller
from service_runtime.ids import new_id
from service_runtime.logs import logger, where_raised
from service_runtime.metrics import Metrics
from service_runtime.web.languages import chosen, preferred
from service_runtime.web.media_types import (
    FHIR_JSON,
    check_format,
    check_json_request,
    check_page_request,
    check_search_request,
)
from service_runtime.web.problems import Problem
from service_runtime.web.refusals import Pages, Refusal, Render, headers_of, is_unavailable
from service_runtime.web.request_body import BoundedBody

OPERATIONS = frozenset({"/livez", "/readyz", "/metrics"})
MACHINE_FORMS = frozenset({"/oauth/token", "/oauth/revoke"})
"""Where machines send plain forms, as OAuth has it (RFC 6749, section 3.2), and are answered in JSON."""
POSTED_SEARCH = "/_search"
"""How the paths end to which parameters of a FHIR search are posted."""
_NO_STORE = (b"cache-control", b"no-store")
_NO_SNIFF = (b"x-content-type-options", b"nosniff")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GONE = 499  # nobody was left to answer
_log = logger()


class Edge:
    """Wraps an application. What it raises becomes an answer here, and only here.

    The log line holds the route's template, never the path: a path may name a person's document.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        service: str,
        render: Render,
        max_body_bytes: int,
        metrics: Metrics,
        pages: Pages | None,
    ) -> None:
        self._app = app
        self._service = service
        self._render = render
        self._max_body_bytes = max_body_bytes
        self._pages = pages
        labels = ("service", "method", "route", "status")
        self._requests = metrics.counter("lahetti_http_requests_total", "Answered requests.", labels)
        self._seconds = metrics.histogram("lahetti_http_request_seconds", "Time to answer.", labels[:3])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        exchange = _Exchange(scope, send, self._is_page(scope["path"]))
        body = BoundedBody(receive, self._max_body_bytes)
        try:
            self._check(exchange, body)
            await self._app(scope, body, exchange.send)
        except ClientDisconnect:
            exchange.status = _GONE
        except Exception as error:  # noqa: BLE001  # whatever was raised must be answered
            await self._answer(exchange, body, error)
        finally:
            self._record(exchange, perf_counter() - began)

    def _is_page(self, path: str) -> bool:
        return self._pages is not None and self._pages.has(path)

    def _check(self, exchange: "_Exchange", body: BoundedBody) -> None:
        headers = exchange.headers
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Problem("compressed-body")
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._max_body_bytes:
            raise body.too_large()
        if b"_format=" in exchange.scope["query_string"]:
            check_format(exchange.scope["query_string"])
        has_body = length != b"0" or b"transfer-encoding" in headers
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        if has_body and not content_type:
            content_type = "unnamed"
        if exchange.is_page:
            check_page_request(content_type)
        elif exchange.scope["path"] in MACHINE_FORMS:
            check_page_request(content_type if has_body else "")
        elif exchange.scope["path"].endswith(POSTED_SEARCH):
            accept = headers.get(b"accept", b"").decode("latin-1")
            check_search_request(content_type if has_body else "", accept)
        elif exchange.scope["path"] not in OPERATIONS:
            accept = headers.get(b"accept", b"").decode("latin-1")
            check_json_request(exchange.scope["method"], content_type if has_body else "", accept)

    async def _answer(self, exchange: "_Exchange", body: BoundedBody, error: Exception) -> None:
        if exchange.status:
            self._tell_fault(exchange, error)
            raise error
        if isinstance(error, Refusal):
            refusal = error
        else:
            self._tell_fault(exchange, error)
            unavailable = is_unavailable(error)
            refusal = Problem("unavailable", headers={"Retry-After": "1"}) if unavailable else None
            refusal = refusal or Problem("internal", id=exchange.request_id)
        headers = {**(self._pages.headers if exchange.is_page and self._pages else {}), **headers_of(refusal)}
        if not await body.drain():
            headers["Connection"] = "close"
        try:
            content = self._words(exchange, refusal.issues)
        except Exception as broken:  # noqa: BLE001  # a text wants what was not given, a template is wrong
            self._tell_fault(exchange, broken)
            refusal = Problem("internal", id=exchange.request_id)
            content = self._render(refusal.issues, "en"), FHIR_JSON
        await _say(exchange, refusal.http_status, *content, headers)

    def _words(self, exchange: "_Exchange", issues: Sequence[Any]) -> tuple[bytes, str]:
        wanted = exchange.headers.get(b"accept-language", b"").decode("latin-1")
        if exchange.is_page and self._pages is not None:
            language = chosen(exchange.scope["query_string"], wanted, self._pages.default_language)
            return self._pages.render(issues, language), "text/html; charset=utf-8"
        return self._render(issues, preferred(wanted)), FHIR_JSON

    def _tell_fault(self, exchange: "_Exchange", error: Exception) -> None:
        _log.error(
            "http.failed",
            error=type(error).__name__,
            error_id=exchange.request_id,
            at_frames=where_raised(error),
            route=exchange.route(),
            trace=exchange.trace,
        )

    def _record(self, exchange: "_Exchange", seconds: float) -> None:
        method, route, status = exchange.scope["method"], exchange.route(), exchange.status or _GONE
        labels = (self._service, method if method in _METHODS else "other", route)
        self._requests.labels(*labels, str(status)).inc()
        self._seconds.labels(*labels).observe(seconds)
        caller: Caller | None = exchange.scope.get("caller")
        _log.log(
            logging.DEBUG if exchange.scope["path"] in OPERATIONS else logging.INFO,
            "http.request",
            service=self._service,
            method=labels[1],
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            client_id=caller.client_id if caller else None,
            caller_kind=caller.kind if caller else None,
            request_id=exchange.request_id,
            trace=exchange.trace,
        )


async def _say(
    exchange: "_Exchange", status: int, content: bytes, media_type: str, headers: Mapping[str, str]
) -> None:
    lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    lines += [(b"content-type", media_type.encode()), (b"content-length", str(len(content)).encode())]
    await exchange.send({"type": "http.response.start", "status": status, "headers": lines})
    await exchange.send({"type": "http.response.body", "body": content})


class _Exchange:
    """One request and what was answered so far."""

    __slots__ = ("_send", "headers", "is_page", "request_id", "scope", "status", "trace")

    def __init__(self, scope: Scope, send: Send, is_page: bool) -> None:
        self.scope = scope
        self.is_page = is_page
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        received = self.headers.get(b"traceparent")
        traceparent = trace_context.begin(received.decode("latin-1") if received else None)
        self.trace = trace_context.trace_id(traceparent)
        self.request_id = new_id()
        self.status = 0
        self._send = send

    def route(self) -> str:
        """The template of the route that was found, such as `/fhir/Task/{id}`."""
        return getattr(self.scope.get("route"), "path", "none")

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
            if all(name != b"cache-control" for name, _ in headers):
                headers.append(_NO_STORE)
            headers += [_NO_SNIFF, (b"x-request-id", self.request_id.encode())]
            message = {**message, "headers": headers}
        await self._send(message)
