"""What `python -m <service> ROLE…` calls: one service, some of its roles, one process."""

import asyncio
import ctypes
import faulthandler
import gc
import inspect
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

import uvloop
from asyncpg import PostgresError
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from service_runtime import logs
from service_runtime.health_server import HealthServer
from service_runtime.lifecycle import RoleFailedError, live, run_once
from service_runtime.parts import EVENT_LOG, Parts, open_parts
from service_runtime.secret_box import SecretKeyFileError
from service_runtime.service import Service
from service_runtime.settings import RuntimeSettings
from service_runtime.tokens.keys import KeyFileError
from service_runtime.web.refusals import is_unavailable
from service_runtime.web.server import PortBusyError, WebServer

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOT_READY = 3
API = "api"
ALL = "all"
_PR_SET_PDEATHSIG = 1

S = TypeVar("S", bound=RuntimeSettings)
Build = Callable[[S, Parts], Awaitable[Service]]
Pending = Callable[[S], bool | Awaitable[bool]]


class StartError(Exception):
    """Why a process cannot start, in one line that tells what to do."""

    def __init__(self, text: str, code: int = EXIT_NOT_READY) -> None:
        super().__init__(text)
        self.code = code


_COLLECT_AFTER = (20_000, 20, 50)
"""Allocations before a young collection, and how many of those before an older one (Python: 700, 10, 10)."""
_SWITCH_SECONDS = 0.001
"""How long a busy thread keeps the interpreter while another waits for it (Python: 0.005)."""


def run_roles(
    service: str,
    settings_class: type[S],
    build: Build[S],
    pending_migrations: Pending[S],
    names: Sequence[str] | None = None,
) -> NoReturn:
    """Run the roles `names` (by default those of the command line; `all` = all) until SIGTERM or SIGINT.

    Exits 0 when it was asked to stop, 1 when a role raised, 2 on wrong arguments or settings, 3 where
    something that it needs is not there (port, database, migrations, keys); 2 and 3 say so in one line.
    SIGUSR1 prints all stacks to stderr. With LAHETTI_DIE_WITH_PARENT=1 the process ends when its parent does.
    """
    try:
        settings = load_settings(settings_class)
        prepare_process(service, settings)
        wanted = tuple(names if names is not None else sys.argv[1:])
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(service, settings, build, pending_migrations, wanted))
    except StartError as error:
        sys.exit(_complain(service, str(error), error.code))
    except (PortBusyError, KeyFileError, SecretKeyFileError) as error:
        sys.exit(_complain(service, str(error), EXIT_NOT_READY))
    except RoleFailedError as error:
        sys.exit(_complain(service, str(error), EXIT_FAILED))
    sys.exit(0)


def load_settings(settings_class: type[S]) -> S:
    """The settings from the environment. Raises StartError naming the variables that are missing or wrong."""
    try:
        return settings_class()  # pyright: ignore[reportCallIssue]  # the fields come from the environment
    except ValidationError as error:
        wrong = "; ".join(
            f"LAHETTI_{'_'.join(str(step) for step in item['loc']).upper()}: {item['msg']}"
            for item in error.errors(include_input=False, include_context=False)
        )
        raise StartError(f"settings: {wrong}", EXIT_USAGE) from None


def prepare_process(service: str, settings: RuntimeSettings) -> None:
    """Logs as JSON, stacks on SIGUSR1, and the parent's death where the environment asks for it."""
    logs.configure(service=service, level=settings.log_level)
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    if os.environ.get("LAHETTI_DIE_WITH_PARENT") == "1":
        die_with_parent()


def tune_interpreter() -> None:
    """Leave what start-up made out of every later collection, and collect less often: what a request leaves
    behind is freed by its reference counts. And let the threads of the Kafka client have the interpreter
    soon: each poll and each publication waits for several of them in turn."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
    sys.setswitchinterval(_SWITCH_SECONDS)


def die_with_parent() -> None:
    """Let the kernel send SIGTERM to this process when its parent ends (on Linux; elsewhere nothing)."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if parent == 1 or os.getppid() != parent:  # it ended before we asked
        os.kill(os.getpid(), signal.SIGTERM)


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set; the same signal once more ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask() -> None:
        if stop.is_set():
            os._exit(EXIT_FAILED)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask)
    return stop


async def _run(
    name: str, settings: S, build: Build[S], pending_migrations: Pending[S], wanted: Sequence[str]
) -> None:
    stop = stop_on_signals()
    await _check_migrations(name, settings, pending_migrations)
    async with AsyncExitStack() as closing:
        parts = _open(settings, f"{name}-{settings.instance}")
        closing.push_async_callback(parts.close)
        service = await build(settings, parts)
        closing.push_async_callback(service.close)
        roles = _choose(service, wanted)
        if API not in roles:
            parts.health.require(EVENT_LOG)
        web = WebServer(service.app, settings.host, settings.port) if API in roles else None
        if settings.health_port:
            probes = HealthServer(
                settings.host, settings.health_port, health=parts.health, metrics=parts.metrics
            )
            closing.callback(probes.close)
        logs.logger().info(
            "process.started", pid=os.getpid(), name=" ".join(roles), port=web.port if web else None
        )
        loops = {role: service.roles[role] for role in roles if role != API}
        tune_interpreter()
        await live(stop, roles=loops, policy=run_once, web=web, health=parts.health)
        logs.logger().info("process.stopped", pid=os.getpid())


def _open(settings: RuntimeSettings, client_id: str) -> Parts:
    try:
        return open_parts(settings, client_id=client_id)
    except ValueError as error:  # its text is a constant that says which addresses are understood
        raise StartError(f"settings: {error}", EXIT_USAGE) from None


def _choose(service: Service, wanted: Sequence[str]) -> tuple[str, ...]:
    known = (API, *(role for role in service.roles if role != API))
    chosen = known if tuple(wanted) == (ALL,) else tuple(dict.fromkeys(wanted))
    if not chosen or not set(known).issuperset(chosen):
        raise StartError(f"usage: name one or several of {', '.join(known)}, or {ALL}", EXIT_USAGE)
    return chosen


async def _check_migrations(name: str, settings: S, pending_migrations: Pending[S]) -> None:
    try:
        answer = pending_migrations(settings)
        pending = await answer if inspect.isawaitable(answer) else answer
    except Exception as error:
        if not (is_unavailable(error) or isinstance(error, OSError | SQLAlchemyError | PostgresError)):
            raise
        place, kind = _place(settings.database_url), type(error).__name__
        raise StartError(f"the database {place} cannot be reached or used ({kind})") from None
    if pending:
        raise StartError(f"the database is not up to date: run `lahetti migrate {name}`")


def _place(url: str) -> str:
    parts = urlsplit(url)
    host = f"{parts.hostname}:{parts.port or 5432}" if parts.hostname else ""
    return f"{host}{parts.path}"


def _complain(service: str, text: str, code: int) -> int:
    print(f"{service}: {text}", file=sys.stderr)  # noqa: T201  # the line that a person reads
    return code
