"""Every role a process of its own, on Apache Kafka, PostgreSQL and Redis."""

import asyncio
import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from lahetti.composition.blueprint import (
    COLLECTOR,
    GATEWAY,
    HOST,
    NOTIFIER,
    SCHEMAS,
    Blueprint,
    Schedule,
)
from lahetti.composition.embedded import Running, free_port, whereabouts_of
from lahetti.composition.engines import Room
from lahetti.composition.front_door import FrontDoor
from lahetti.refusals import Refused
from lahetti.state import StateFolder

ROLES: Mapping[str, Sequence[str]] = {
    GATEWAY: ("api", "consumer", "relay"),
    NOTIFIER: ("api", "consumer", "dispatcher", "relay"),
    COLLECTOR: ("api", "consumer", "dispatcher", "relay"),
}
READY_SECONDS = 120.0
STOP_SECONDS = 15.0


@dataclass
class RoleProcess:
    """One role of one service, as it runs. `probe` is its health address."""

    service: str
    roles: Sequence[str]
    health_port: int
    environment: Mapping[str, str]
    log: Any
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def name(self) -> str:
        return f"{self.service} {' '.join(self.roles)}"

    @property
    def probe(self) -> str:
        return f"http://{HOST}:{self.health_port}/readyz"

    def start(self) -> None:
        """Start it in a process group of its own; it ends when this process ends."""
        package = self.service.replace("-", "_")
        self.process = subprocess.Popen(  # noqa: S603 - our own modules, no input of others
            [sys.executable, "-m", package, *self.roles],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)


@dataclass(frozen=True)
class RunningProcesses(Running):
    """An installation of processes; `roles` can be killed and started again one by one."""

    roles: Sequence[RoleProcess]


def processes_blueprint(
    folder: StateFolder,
    room: Room,
    *,
    county: str,
    schedule: Schedule,
    smtp_port: int | None,
    **more: Any,
) -> Blueprint:
    """Each api at a port of its own, one address in front of them."""
    ports = {service: free_port() for service in ROLES}
    return Blueprint(
        folder=folder,
        base_url=f"http://{HOST}:{free_port()}",
        service_urls={service: f"http://{HOST}:{port}" for service, port in ports.items()},
        ports=ports,
        database_urls=dict.fromkeys(SCHEMAS, room.database_url),
        event_log_url=room.event_log_url,
        redis_url=room.redis_url,
        county=county,
        schedule=schedule,
        smtp_port=smtp_port,
        topic_prefix=room.topic_prefix,
        more=more,
    )


@asynccontextmanager
async def processes(
    blueprint: Blueprint, split: Mapping[str, Sequence[Sequence[str]]] | None = None
) -> AsyncGenerator[RunningProcesses]:
    """Migrate, start every role and the front door, wait until all are ready; stop all at the end.

    `split` says which roles share a process, by service; left out, each role has its own.
    """
    blueprint.make_keys()
    await _migrate(blueprint)
    async with AsyncExitStack() as closing:
        door = FrontDoor(dict(blueprint.service_urls), GATEWAY)
        closing.push_async_callback(door.close)
        await door.open(int(blueprint.base_url.rpartition(":")[2]))
        roles = [
            _role_process(blueprint, closing, service, together)
            for service in ROLES
            for together in (split or {}).get(service, [[role] for role in ROLES[service]])
        ]
        closing.push_async_callback(_stop_all, roles)
        for role in roles:
            role.start()
        await asyncio.gather(*(until_ready(role) for role in roles))
        whereabouts = whereabouts_of(blueprint, {role.name: role.probe for role in roles})
        blueprint.folder.tell(whereabouts)
        closing.callback(blueprint.folder.forget)
        yield RunningProcesses(blueprint, whereabouts, roles)


async def until_ready(role: RoleProcess) -> None:
    """Wait until the role's /readyz answers 200. Raises Refused where it ended, or is not ready in time."""
    deadline = time.monotonic() + READY_SECONDS
    async with aiohttp.ClientSession(trust_env=False) as session:
        while time.monotonic() < deadline:
            if role.process is None or role.process.poll() is not None:
                raise Refused(f"{role.name} ended at its start: see {role.log.name}")
            try:
                async with session.get(role.probe, timeout=aiohttp.ClientTimeout(total=3)) as answer:
                    if answer.status == 200:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.1)
    raise Refused(f"{role.name} was not ready in {READY_SECONDS:g} s: see {role.log.name}")


def _role_process(
    blueprint: Blueprint, closing: AsyncExitStack, service: str, roles: Sequence[str]
) -> RoleProcess:
    health_port = free_port()
    environment = blueprint.environment(service) | {
        "LAHETTI_HEALTH_PORT": str(health_port),
        "LAHETTI_DIE_WITH_PARENT": "1",
    }
    path = blueprint.folder.logs / f"{service}-{'-'.join(roles)}.log"
    log = closing.enter_context(path.open("ab"))
    return RoleProcess(service, roles, health_port, environment, log)


async def _migrate(blueprint: Blueprint) -> None:
    for service in ROLES:
        package = service.replace("-", "_")
        settings: Any = importlib.import_module(f"{package}.settings")
        bootstrap: Any = importlib.import_module(f"{package}.bootstrap")
        await bootstrap.migrate(settings.Settings(**blueprint.values(service)))


async def _stop_all(roles: Sequence[RoleProcess]) -> None:
    for role in roles:
        role.signal(signal.SIGTERM)
    await asyncio.to_thread(_reap, roles)


def _reap(roles: Sequence[RoleProcess]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    for role in roles:
        if role.process is not None:
            try:
                role.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                role.process.kill()
                role.process.wait()
