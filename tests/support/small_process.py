"""A service that runs as a process: `python small_process.py ROLE…`, told by SMALL_* what to do wrong."""

# ruff: noqa: ASYNC240, ASYNC251  # it blocks its event loop on purpose

import asyncio
import os
import time
from pathlib import Path
from typing import ClassVar

from fastapi import APIRouter, Depends, Response
from referral_contracts.operation_outcome import render
from service_runtime.parts import Parts
from service_runtime.processes import run_roles
from service_runtime.service import Service
from service_runtime.settings import RuntimeSettings
from service_runtime.tokens import TokenVerifier
from service_runtime.web.access import public_route
from service_runtime.web.app import create_app


class Settings(RuntimeSettings):
    """Settings of the service `small`."""

    environment_name: ClassVar[str] = "SMALL"


def _routes() -> APIRouter:
    router = APIRouter(dependencies=[Depends(public_route)])

    @router.get("/who")
    async def who() -> Response:
        return Response(str(os.getpid()))

    @router.get("/slow")
    async def slow() -> Response:
        Path(os.environ["SMALL_NOTES"], "slow-began").touch()
        await asyncio.sleep(1)
        return Response("done")

    return router


async def _loop(stop: asyncio.Event) -> None:
    """Runs until asked to stop, and notes that it could finish."""
    await stop.wait()
    Path(os.environ["SMALL_NOTES"], "loop-finished").touch()


async def _raises(stop: asyncio.Event) -> None:
    raise ValueError("Testi Testinen")


async def _returns(stop: asyncio.Event) -> None:
    return


async def _blocks(stop: asyncio.Event) -> None:
    """Holds the event loop, as a careless computation would, until a file appears."""
    while not stop.is_set():
        if Path(os.environ["SMALL_NOTES"], "block").exists():
            time.sleep(0.05)
        else:
            await asyncio.sleep(0.05)


async def build(settings: Settings, parts: Parts) -> Service:
    """The service, with one role for each way to behave."""
    app = create_app(
        service="small",
        routers=[_routes()],
        health=parts.health,
        tokens=TokenVerifier(settings.jwks_file),
        render_problem=render,
        metrics=parts.metrics,
    )

    async def close() -> None:
        Path(os.environ["SMALL_NOTES"], "closed").touch()

    roles = {"loop": _loop, "raises": _raises, "returns": _returns, "blocks": _blocks}
    return Service("small", app, roles, close)


async def pending_migrations(settings: Settings) -> bool:
    """True, or an error, where the test wants it."""
    if os.environ.get("SMALL_DATABASE") == "down":
        raise ConnectionRefusedError
    return os.environ.get("SMALL_DATABASE") == "old"


if __name__ == "__main__":
    run_roles("small", Settings, build, pending_migrations)
