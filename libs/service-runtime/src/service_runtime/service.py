"""What a service is to whoever runs it: roles, an ASGI application, and how it is doing."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

Role = Callable[[asyncio.Event], Awaitable[None]]
"""A loop: runs until the event is set, then finishes what it holds and returns. Raising ends the process."""

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(frozen=True)
class Service:
    """A service, built. `roles` other than `api` run as loops; `api` serves `app`."""

    name: str
    app: ASGIApp
    roles: Mapping[str, Role]
    close: Callable[[], Awaitable[None]]
