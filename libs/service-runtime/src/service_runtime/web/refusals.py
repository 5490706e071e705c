"""What counts as a refusal, and how the framework's own errors become ours."""

import errno
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol, runtime_checkable

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Match, Route

from service_runtime.web.languages import Language
from service_runtime.web.problems import Problem

Render = Callable[[Sequence[Any], Language], bytes]
"""Renders issues (slug, expression, params) in a language."""


@runtime_checkable
class Refusal(Protocol):
    """What an exception needs to be an answer rather than a fault."""

    issues: Sequence[Any]

    @property
    def http_status(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Pages:
    """Paths that people open in a browser: they post plain forms, and `render` makes their refusals HTML.

    `except_paths` lie below a prefix and are for machines; `headers` go with every refusal, as with every
    page."""

    prefixes: tuple[str, ...]
    render: Render
    default_language: Language = "fi"
    except_paths: frozenset[str] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def has(self, path: str) -> bool:
        """Whether `path` is a page."""
        return path.startswith(self.prefixes) and path not in self.except_paths


_AWAY = (OperationalError, InterfaceError, PoolTimeoutError, ConnectionError, TimeoutError, socket.gaierror)
"""Drivers raise Python's own errors while they connect."""
_NO_WAY = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN})


def is_unavailable(error: BaseException) -> bool:
    """Whether `error` says that a database or a neighbour cannot be reached now: trying again may help."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, _AWAY) or (isinstance(error, OSError) and error.errno in _NO_WAY)


def headers_of(error: object) -> Mapping[str, str]:
    """The headers that a refusal wants with its answer."""
    headers = getattr(error, "headers", None)
    return headers if isinstance(headers, Mapping) else {}  # pyright: ignore[reportUnknownVariableType]


async def on_http_exception(request: Request, error: Exception) -> NoReturn:
    """The framework's own refusals (no such route, wrong method, unreadable body) become ours."""
    if not isinstance(error, HTTPException):
        raise TypeError("registered for HTTPException")
    if isinstance(error.__cause__, Refusal):
        raise error.__cause__
    if error.status_code == 404:
        raise Problem("not-found") from None
    if error.status_code == 405:
        raise Problem("method-not-allowed", headers={"Allow": ", ".join(_allowed(request))}) from None
    if error.status_code == 400:
        raise Problem("unreadable-request") from None
    raise RuntimeError("a route raised an HTTPException of its own") from error


def _allowed(request: Request) -> Sequence[str]:
    """The methods of all routes with this path: the framework names only those of the first one."""
    routes = (route for route in request.app.router.routes if isinstance(route, Route))
    found = (route.methods or () for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for methods in found for method in methods})


async def on_validation_error(_: Request, error: Exception) -> NoReturn:
    """A parameter that the framework refused, named by its place as FHIR does for HTTP (`http._count`)."""
    if not isinstance(error, RequestValidationError):
        raise TypeError("registered for RequestValidationError")
    first: Mapping[str, Any] = error.errors()[0]
    kind, *path = first["loc"]
    if first["type"] == "json_invalid":
        raise Problem("malformed-json") from None
    if kind == "body":
        raise Problem("invalid-value", ".".join(str(step) for step in path)) from None
    name = str(path[0]) if path else str(kind)
    raise Problem("invalid-parameter", f"http.{name}", name=name) from None
