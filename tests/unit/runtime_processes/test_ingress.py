"""Which application answers which path of an embedded installation."""

from typing import Any

import pytest
from service_runtime.ingress import Ingress


class Named:
    """An ASGI application that remembers what it was asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.paths: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.paths.append(scope["path"])


GATEWAY, COLLECTOR, NOTIFIER, SPECIAL = (
    Named(name) for name in ("gateway", "collector", "notifier", "special")
)
INGRESS = Ingress(
    [
        ("/fhir/Task", COLLECTOR),
        ("/p/", COLLECTOR),
        ("/notifier", NOTIFIER),
        ("/notifier/special", SPECIAL),
    ],
    default=GATEWAY,
)


@pytest.mark.parametrize(
    ("path", "app"),
    [
        ("/fhir/Task", COLLECTOR),
        ("/fhir/Task/1/_history/2", COLLECTOR),
        ("/p/link", COLLECTOR),
        ("/p", COLLECTOR),
        ("/notifier/x", NOTIFIER),
        ("/notifier/special/x", SPECIAL),
        ("/fhir/Tasks", GATEWAY),
        ("/fhir", GATEWAY),
        ("/pages", GATEWAY),
        ("/x/fhir/Task", GATEWAY),
        ("/", GATEWAY),
        ("", GATEWAY),
    ],
)
def test_whole_path_elements_decide_and_the_longest_wins(path: str, app: Named) -> None:
    assert INGRESS.leads_to(path) is app


async def test_the_path_stays_whole() -> None:
    await INGRESS({"type": "http", "path": "/notifier/special/x"}, None, None)  # pyright: ignore[reportArgumentType]
    assert SPECIAL.paths == ["/notifier/special/x"]
