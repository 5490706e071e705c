"""All services in this process: SQLite files, one port, nothing else installed."""

import asyncio
import importlib
import itertools
import os
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from service_runtime import logs
from service_runtime.ingress import Ingress
from service_runtime.parts import Parts, open_parts
from service_runtime.service import Service
from service_runtime.supervisor import run_embedded
from service_runtime.web.server import PortBusyError

from lahetti.composition.blueprint import (
    COLLECTOR,
    GATEWAY,
    HOST,
    INGRESS,
    NOTIFIER,
    Blueprint,
    Schedule,
    sqlite_urls,
)
from lahetti.refusals import ENVIRONMENT_MISSING, Refused
from lahetti.state import StateFolder, Whereabouts

START_SECONDS = 30
PORTS = range(15_000, 32_000)
_tries = itertools.count(os.getpid() * 61)  # processes side by side begin at different ones
SERVICES = (GATEWAY, COLLECTOR, NOTIFIER)


@dataclass(frozen=True)
class Running:
    """An installation that runs, and what its blueprint was."""

    blueprint: Blueprint
    whereabouts: Whereabouts


def embedded_blueprint(
    folder: StateFolder, *, port: int, county: str, schedule: Schedule, smtp_port: int | None, **more: Any
) -> Blueprint:
    """Everything at one port and in one folder."""
    base_url = f"http://{HOST}:{port}"
    return Blueprint(
        folder=folder,
        base_url=base_url,
        service_urls=dict.fromkeys(SERVICES, base_url),
        ports=dict.fromkeys(SERVICES, port),
        database_urls=sqlite_urls(folder.path),
        event_log_url=f"sqlite:///{folder.path / 'events'}.db",
        redis_url="fake://",
        county=county,
        schedule=schedule,
        smtp_port=smtp_port,
        more=more,
    )


@asynccontextmanager
async def embedded(blueprint: Blueprint) -> AsyncGenerator[Running]:
    """Migrate, build and run everything; stop all of it at the end. The folder must be held by the caller."""
    blueprint.make_keys()
    with (blueprint.folder.logs / "embedded.log").open("a", encoding="utf-8") as log:
        logs.configure(service="lahetti", stream=log)
        try:
            async with _running(blueprint) as running:
                yield running
        finally:
            logs.configure(service="lahetti", stream=sys.stderr)


@asynccontextmanager
async def _running(blueprint: Blueprint) -> AsyncGenerator[Running]:
    parts, services = await _build(blueprint)
    stop, started = asyncio.Event(), asyncio.Event()
    by_name = {service.name: service.app for service in services}
    ingress = Ingress([(prefix, by_name[name]) for prefix, name in INGRESS], by_name[GATEWAY])
    run = asyncio.create_task(
        run_embedded(
            services,
            ingress,
            host=HOST,
            port=blueprint.ports[GATEWAY],
            health=parts.health,
            stop=stop,
            on_started=lambda _: started.set(),
        )
    )
    try:
        await _until_started(started, run)
        whereabouts = whereabouts_of(blueprint, {"lahetti": f"{blueprint.base_url}/readyz"})
        blueprint.folder.tell(whereabouts)
        yield Running(blueprint, whereabouts)
    finally:
        blueprint.folder.forget()
        stop.set()
        await asyncio.gather(run, return_exceptions=True)
        await parts.close()


async def _build(blueprint: Blueprint) -> tuple[Parts, list[Service]]:
    services: list[Service] = []
    parts: Parts | None = None
    for name in SERVICES:
        package = name.replace("-", "_")
        settings_module: Any = importlib.import_module(f"{package}.settings")
        bootstrap: Any = importlib.import_module(f"{package}.bootstrap")
        settings = settings_module.Settings(**blueprint.values(name))
        await bootstrap.migrate(settings)
        parts = parts or open_parts(settings, client_id="lahetti")
        services.append(await bootstrap.build(settings, parts))
    assert parts is not None  # noqa: S101 - there are services
    return parts, services


async def _until_started(started: asyncio.Event, run: asyncio.Task[None]) -> None:
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait({waiting, run}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if run.done():
        try:
            run.result()
        except PortBusyError as busy:
            raise Refused(str(busy), exit_code=ENVIRONMENT_MISSING) from None
    if not started.is_set():
        raise Refused("the services did not start in time: see the log in the state folder")


def whereabouts_of(blueprint: Blueprint, probes: dict[str, str]) -> Whereabouts:
    """What the tools need to know of this installation; `probes` are the /readyz addresses by process."""
    return Whereabouts(
        base_url=blueprint.base_url,
        key_file=str(blueprint.folder.keys / "keys.json"),
        event_log_url=blueprint.event_log_url,
        topic_prefix=blueprint.topic_prefix,
        redis_url=blueprint.redis_url,
        database_urls=dict(blueprint.database_urls),
        probes=probes,
        pid=os.getpid(),
    )


def must_be_free(port: int) -> None:
    """Raise Refused where anybody listens at `port`: our own servers would share it with each other."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise Refused(
                f"cannot listen on {HOST}:{port} ({error.strerror}): choose another --port",
                exit_code=ENVIRONMENT_MISSING,
            ) from None


def free_port() -> int:
    """A port of the loopback interface that nobody uses at this moment, and none twice.

    It is below those that Linux gives to outgoing connections: one of these could take it before it is
    listened at, or while a process that had it is started again."""
    for _ in PORTS:
        port = PORTS[next(_tries) % len(PORTS)]
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise Refused("no port is free", exit_code=ENVIRONMENT_MISSING)
