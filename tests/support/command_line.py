"""The command `lahetti` before an installation that answers as programmed."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiohttp import web
from lahetti.__main__ import run
from lahetti.simulators.loopback import LoopbackServer
from lahetti.state import StateFolder, Whereabouts
from service_runtime.tokens import TokenVerifier, generate_keys

Answers = dict[str, tuple[int, Any]]


class FakeInstallation:
    """Answers staff routes as programmed, in a thread of its own: commands bring their own event loop."""

    def __init__(self, folder: Path) -> None:
        self.answers: Answers = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.state = StateFolder(folder)
        self.state.make()
        self.keys = generate_keys(self.state.keys)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = LoopbackServer(lambda: [web.route("*", "/{path:.*}", self._answer)])
        self._run(self._server.come_up())
        self.state.tell(
            Whereabouts(
                base_url=self._server.origin,
                key_file=str(self.keys.private),
                event_log_url=f"sqlite:///{folder / 'events.db'}",
                topic_prefix="",
                redis_url="fake://",
                database_urls={},
                probes={"lahetti": f"{self._server.origin}/readyz"},
                pid=1,
            )
        )

    def close(self) -> None:
        self._run(self._server.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        if authorization := request.headers.get("Authorization"):
            caller = TokenVerifier(self.keys.public).verify(authorization.split()[1])
            self.asked.append((request.method, caller.kind, json.loads(body) if body else None))
        status, answer = self.answers.get(request.path, (404, {}))
        return web.json_response(answer, status=status)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[FakeInstallation]:
    installation = FakeInstallation(tmp_path / "state")
    yield installation
    installation.close()


@pytest.fixture
def lahetti(installation: FakeInstallation, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def call(*arguments: str) -> tuple[int, str, str]:
        code = run([*arguments, "--state", str(installation.state.path)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
