"""The life of a process: start loops and web, run until asked to stop or a part ends, stop in order."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from service_runtime.health import Health
from service_runtime.logs import innermost, logger, where_raised
from service_runtime.service import Role
from service_runtime.web.server import WebServer

GRACE_SECONDS = 10.0
_log = logger()

Policy = Callable[[str, Role, asyncio.Event], Coroutine[Any, Any, None]]
"""Runs one role until the event is set; policies differ in what they do when the role raises."""


class RoleFailedError(Exception):
    """A role raised, or returned without being asked; the text names it and the error's type."""


async def run_once(name: str, role: Role, stop: asyncio.Event) -> None:
    """The policy of a process of its own: a role that ends early ends the process."""
    try:
        await role(stop)
    except Exception as raised:
        error = innermost(raised)
        _log.error("role.failed", role=name, error=type(error).__name__, at_frames=where_raised(error))
        raise RoleFailedError(f"role {name} failed: {type(error).__name__}") from raised
    if not stop.is_set():
        _log.error("role.failed", role=name, error="Returned")
        raise RoleFailedError(f"role {name} returned without being asked")


async def live(
    stop: asyncio.Event,
    *,
    roles: Mapping[str, Role],
    policy: Policy,
    web: WebServer | None,
    health: Health,
    grace_seconds: float = GRACE_SECONDS,
) -> None:
    """Serve and loop until `stop` is set or a part ends; then the web stops first and the loops after it.

    Raises what ended it, when that was not `stop`. A loop that does not finish within `grace_seconds` is
    cancelled: what it held comes back by its leases.
    """
    roles_stop = asyncio.Event()
    heart = asyncio.create_task(health.keep_beating())
    asked = asyncio.create_task(stop.wait())
    loops = {asyncio.create_task(policy(name, role, roles_stop), name=name) for name, role in roles.items()}
    serving = {asyncio.create_task(web.serve(), name="web")} if web else set[asyncio.Task[None]]()
    try:
        await asyncio.wait({asked, *loops, *serving}, return_when=asyncio.FIRST_COMPLETED)
        ended = [task for task in (*loops, *serving) if task.done()]
        health.drain()
        if web:
            web.stop()
            await asyncio.wait(serving)
        roles_stop.set()
        await _finish(loops, grace_seconds)
    finally:
        await _cancel({heart, asked, *loops, *serving})
    for task in ended:
        task.result()


async def _finish(loops: set[asyncio.Task[None]], grace_seconds: float) -> None:
    if not loops:
        return
    _, late = await asyncio.wait(loops, timeout=grace_seconds)
    for task in late:
        _log.warning("role.cancelled", role=task.get_name(), seconds=grace_seconds)


async def _cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
