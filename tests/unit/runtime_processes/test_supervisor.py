"""Embedded: roles are started again, the whole stops in order, and a second process is refused."""

import asyncio
import io
import json
import os
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from service_runtime import logs
from service_runtime.health import Health
from service_runtime.process_lock import AlreadyRunningError, only_process
from service_runtime.service import Role, Service
from service_runtime.supervisor import Supervisor, run_embedded


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers anything."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


class FailingRole:
    """Raises a number of times, then runs until it is asked to stop."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.starts = 0
        self.running = asyncio.Event()

    async def __call__(self, stop: asyncio.Event) -> None:
        self.starts += 1
        if self.starts <= self.times:
            raise ValueError("Testi Testinen")
        self.running.set()
        await stop.wait()


def service(name: str, roles: dict[str, Role], closed: list[str]) -> Service:
    async def close() -> None:
        closed.append(name)

    return Service(name, app, roles, close)


def quick(health: Health, **changes: float) -> Supervisor:
    return Supervisor(
        health, **{"first_pause": 0.001, "longest_pause": 0.004, "steady_seconds": 0.05} | changes
    )


async def test_a_role_that_raises_is_started_again_shown_and_then_forgiven() -> None:
    health, role, stop = Health(), FailingRole(times=3), asyncio.Event()
    seen: list[str] = []

    async def watched(inner_stop: asyncio.Event) -> None:
        seen.append(health.alive().status)
        await role(inner_stop)

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(quick(health).keep("small.loop", watched, stop))
        await role.running.wait()
        assert (health.alive().status, health.alive().parts) == ("degraded", {"small.loop": "restarting"})
        assert health.alive().http_status == 200
        while health.alive().status != "ok":  # noqa: ASYNC110  # a probe asks, nobody tells it
            await asyncio.sleep(0.01)
        stop.set()
    assert (role.starts, seen) == (4, ["ok", "degraded", "degraded", "degraded"])
    assert health.alive().parts == {}


async def test_a_role_that_returns_unasked_is_started_again() -> None:
    stop, starts = asyncio.Event(), 0

    async def returns(inner_stop: asyncio.Event) -> None:
        nonlocal starts
        starts += 1
        if starts == 3:
            stop.set()

    await quick(Health()).keep("small.loop", returns, stop)
    assert starts == 3


async def test_the_pause_doubles_up_to_its_limit() -> None:
    """INVARIANT: a role that always raises does not turn the process into a busy loop."""
    loop, stop, began = asyncio.get_running_loop(), asyncio.Event(), list[float]()

    async def raises(inner_stop: asyncio.Event) -> None:
        began.append(loop.time())
        if len(began) == 5:
            stop.set()
        raise ValueError

    await quick(Health(), first_pause=0.02, longest_pause=0.05, steady_seconds=60).keep("x", raises, stop)
    pauses = [later - earlier for earlier, later in pairwise(began)]
    assert all(pause >= least for pause, least in zip(pauses, (0.02, 0.04, 0.05, 0.05), strict=True))


async def embedded(
    services: list[Service],
    during: Callable[[int], Awaitable[None]],
    health: Health | None = None,
    **options: Any,
) -> None:
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    health = health or Health()
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(
            run_embedded(
                services,
                app,
                host="127.0.0.1",
                port=0,
                health=health,
                stop=stop,
                on_started=port.set_result,
                supervisor=quick(health),
                **options,
            )
        )
        try:
            await during(await port)
        finally:
            stop.set()


async def test_services_run_in_one_loop_and_are_closed_last_first() -> None:
    closed: list[str] = []
    first, second = FailingRole(0), FailingRole(2)
    services = [service("a", {"consumer": first}, closed), service("b", {"consumer": second}, closed)]

    async def during(port: int) -> None:
        await first.running.wait()
        await second.running.wait()
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/x") as response:
            assert await response.text() == "ok"

    await embedded(services, during)
    assert closed == ["b", "a"]


async def test_the_web_stops_before_the_loops() -> None:
    """INVARIANT: what a request wrote while it stopped still finds its loops."""
    order: list[str] = []
    health = Health()

    async def loop(stop: asyncio.Event) -> None:
        await stop.wait()
        order.append((await health.ready()).parts["process"])
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection("127.0.0.1", ports[0])
        order.append("loop finished")

    ports: list[int] = []

    async def during(port: int) -> None:
        ports.append(port)

    await embedded([service("a", {"loop": loop}, order)], during, health)
    assert order == ["stopping", "loop finished", "a"]


async def test_a_loop_that_does_not_finish_is_cancelled() -> None:
    closed: list[str] = []
    cancelled = False

    async def stubborn(stop: asyncio.Event) -> None:
        nonlocal cancelled
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled = True
            raise

    async def during(port: int) -> None:
        return

    await embedded([service("a", {"loop": stubborn}, closed)], during, grace_seconds=0.05)
    assert (cancelled, closed) == (True, ["a"])


def test_a_second_process_in_the_same_folder_is_refused_by_name(tmp_path: Path) -> None:
    with only_process(tmp_path / "data"):
        refusal = f"another process \\({os.getpid()}\\) already runs in"
        with pytest.raises(AlreadyRunningError, match=refusal), only_process(tmp_path / "data"):
            pass
    with only_process(tmp_path / "data"):
        pass


async def test_a_group_of_errors_is_told_by_the_one_inside() -> None:
    stream, stop = io.StringIO(), asyncio.Event()
    logs.configure(service="small", stream=stream)

    async def raises(inner_stop: asyncio.Event) -> None:
        stop.set()
        async with asyncio.TaskGroup() as group:
            group.create_task(FailingRole(1)(inner_stop))

    await quick(Health()).keep("small.loop", raises, stop)
    line = json.loads(stream.getvalue())
    assert (line["error"], line["at_frames"][-1].endswith("__call__")) == ("ValueError", True)
