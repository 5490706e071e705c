"""Requests that schemathesis makes of a service's OpenAPI document, sent to the service in its process."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from support.routes import Route, outcome_fault
from support.routes_world import ENDPOINT, PROVIDER, World

PROBES = ("/livez", "/readyz", "/metrics")
"""These take nothing, and tell by 503 that loops do not run, as here none does."""


DIFFERENT = 250
"""Good ones, and as many bad ones, of operations that take the same."""


class Pool:
    """Requests by what an operation takes: those that take the same share them, as making them is slow."""

    def __init__(self, document: Mapping[str, Any], number: int) -> None:
        self._document = document
        self._schema: Any = schemathesis.openapi.from_dict(dict(document))
        self._made: dict[str, Sequence[Any]] = {}
        self._number = number
        self._random = Random(number)

    def cases(self, route: Route, count: int) -> Sequence[Any]:
        """`count` requests for the operation of `route`, good and bad in its document's eyes. Where there is
        little to vary they come again, each time of another caller."""
        told = self._document["paths"][route.path][route.method.lower()]
        takes = json.dumps([told["parameters"], told.get("requestBody")])
        if takes not in self._made:
            operation = self._schema[route.path][route.method]
            modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
            self._made[takes] = [
                one for mode in modes for one in _drawn(operation, mode, count, self._number)
            ]
        made = self._made[takes]
        return [made[each % len(made)] for each in self._random.sample(range(count), count)]


def _drawn(operation: Any, mode: GenerationMode, count: int, number: int) -> Sequence[Any]:
    """`count` of them, chosen by the seed `number`; none where the operation has nothing that could be so."""
    made: list[Any] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def collect(case: Any) -> None:
        made.append(case)

    with suppress(Unsatisfiable):
        collect()
    return made[:count]


async def send(world: World, route: Route, case: Any, number: int) -> httpx.Response:
    """The answer to a request. Two of three are about documents that are there, five of six by a caller that
    the route takes."""
    sent = case.as_transport_kwargs(base_url=world.three.base_url)
    path = route.filled(**(_known(world) if number % 3 else _asked(case)))
    if query := sent.get("params"):
        path = f"{path}?{urlencode(query, doseq=True, errors='replace')}"
    headers = {name: value for name, value in sent["headers"].items() if _can_travel(name, value)}
    return await world.three.http.request(
        route.method,
        path,
        content=_content(sent),
        headers=headers | _as_caller(world, route, number),
    )


def fault(document: Mapping[str, Any], route: Route, answer: httpx.Response) -> str | None:
    """What of an answer is not as `document` says; None where all is."""
    if answer.status_code >= 500:
        return "is a fault of ours"
    documented = document["paths"][route.path][route.method.lower()]["responses"]
    told = documented.get(str(answer.status_code))
    if told is None:
        return "is not documented"
    if "$ref" in told:
        return outcome_fault(answer)
    forms = told.get("content", {})
    form = answer.headers.get("content-type", "").partition(";")[0]
    if form not in forms and (forms or answer.content):
        return f"comes as {form}"
    return None


def _content(sent: Mapping[str, Any]) -> bytes | None:
    if "json" in sent:
        return json.dumps(sent["json"]).encode()
    content = sent.get("data")
    if isinstance(content, dict):
        return urlencode(content, doseq=True, errors="replace").encode()
    if isinstance(content, str):
        return content.encode("utf-8", "replace")
    return content if isinstance(content, bytes) else None


def _asked(case: Any) -> dict[str, str]:
    return {name: quote(str(value), safe="") for name, value in (case.path_parameters or {}).items()}


def _known(world: World) -> dict[str, str]:
    """Ids of what is there, by the name of a route's parameter."""
    spare = world.spare
    return {
        "resource_id": spare.id,
        "task": spare.task,
        "subscription": world.subscription,
        "version": "1",
        "referral": spare.id,
        "provider": PROVIDER,
        "endpoint": ENDPOINT,
        "link_token": spare.link,
        "system": "referral-reason",
    }


def _as_caller(world: World, route: Route, number: int) -> dict[str, str]:
    """A token of a kind that the route takes, five times of six; else none."""
    if route.access is None or number % 6 == 0:
        return {}
    makers = {
        "ehr": world.as_ehr,
        "provider": world.as_provider,
        "service": world.as_service,
        "staff": world.as_staff,
    }
    kinds = [kind for kind in makers if kind in (route.access.kinds or makers)]
    return makers[kinds[number % len(kinds)]]()


def _can_travel(name: str, value: Any) -> bool:
    """Whether HTTP can carry the header at all; the client's own are left to the client."""
    try:
        f"{name}{value}".encode("latin-1")
    except UnicodeEncodeError:
        return False
    return name.lower() not in {"content-length", "host", "connection", "accept-encoding", "authorization"}
