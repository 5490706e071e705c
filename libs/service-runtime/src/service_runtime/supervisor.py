"""Runs several services in one loop, for one machine: a role that raises is started again."""

import asyncio
from collections.abc import Callable, Sequence

from service_runtime.health import Health
from service_runtime.lifecycle import GRACE_SECONDS, live
from service_runtime.logs import innermost, logger, where_raised
from service_runtime.service import ASGIApp, Role, Service
from service_runtime.web.server import WebServer

_log = logger()


class Supervisor:
    """Keeps roles running, and lets /livez show which one is being started again.

    The pause before the n-th start in a row doubles from `first_pause` to `longest_pause` (seconds); one that
    has run for `steady_seconds` counts as well again.
    """

    def __init__(
        self,
        health: Health,
        *,
        first_pause: float = 0.1,
        longest_pause: float = 10.0,
        steady_seconds: float = 20.0,
    ) -> None:
        self._health = health
        self._first_pause = first_pause
        self._longest_pause = longest_pause
        self._steady_seconds = steady_seconds

    async def keep(self, name: str, role: Role, stop: asyncio.Event) -> None:
        """Run `role` until `stop`, starting it again whenever it raises or returns unasked."""
        loop = asyncio.get_running_loop()
        times = 0
        while not stop.is_set():
            began = loop.time()
            steady = loop.call_later(self._steady_seconds, self._health.recovered, name)
            error = await _outcome(role, stop)
            steady.cancel()
            if stop.is_set() and error is None:
                break
            times = 1 if loop.time() - began >= self._steady_seconds else times + 1
            pause = min(self._longest_pause, self._first_pause * 2 ** min(times - 1, 30))
            self._health.failed(name, times)
            _tell(name, error, times, pause)
            await _wait(stop, pause)
        self._health.ended(name)


async def run_embedded(
    services: Sequence[Service],
    app: ASGIApp,
    *,
    host: str,
    port: int,
    health: Health,
    stop: asyncio.Event,
    on_started: Callable[[int], None] | None = None,
    supervisor: Supervisor | None = None,
    grace_seconds: float = GRACE_SECONDS,
) -> None:
    """Serve `app` (an Ingress over the services' applications) and run all roles until `stop` is set.

    Closes the services at the end, the last one first; what they share is closed by whoever opened it.
    `on_started` gets the port once connections are accepted. Raises PortBusyError before anything runs.
    """
    web = WebServer(app, host, port)
    roles = {f"{service.name}.{name}": role for service in services for name, role in service.roles.items()}
    announce = asyncio.create_task(_announce(web, on_started))
    try:
        await live(
            stop,
            roles=roles,
            policy=(supervisor or Supervisor(health)).keep,
            web=web,
            health=health,
            grace_seconds=grace_seconds,
        )
    finally:
        announce.cancel()
        for service in reversed(services):
            await service.close()


async def _announce(web: WebServer, on_started: Callable[[int], None] | None) -> None:
    await web.started()
    _log.info("process.started", port=web.port)
    if on_started is not None:
        on_started(web.port)


async def _outcome(role: Role, stop: asyncio.Event) -> BaseException | None:
    try:
        await role(stop)
    except Exception as raised:  # noqa: BLE001  # whatever a role raises, the others go on
        return innermost(raised)
    return None


def _tell(name: str, error: BaseException | None, times: int, pause: float) -> None:
    _log.error(
        "role.failed",
        role=name,
        error=type(error).__name__ if error else "Returned",
        at_frames=where_raised(error) if error else [],
        restarts=times,
        in_seconds=pause,
    )


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
