"""A private Redis of Debian's package, with its append-only file."""

import shutil
import signal
import socket
from typing import Any

from folder import RUN
from packages import require
from servers import Command, Part, answers_tcp

_FOLDER = RUN / "redis"


def _prepare(state: dict[str, Any]) -> Command:
    server = require("redis-server", "redis-server")
    _FOLDER.mkdir(exist_ok=True)
    words = [server, "--bind", "127.0.0.1", "--port", str(state["ports"][0]), "--dir", str(_FOLDER)]
    return Command([*words, "--appendonly", "yes"], _FOLDER / "redis.log")


def _ready(state: dict[str, Any]) -> bool:
    port = state["ports"][0]
    if not answers_tcp(port):
        return False
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")


def _clean() -> None:
    shutil.rmtree(_FOLDER, ignore_errors=True)


PART = Part(
    name="redis",
    variable="LAHETTI_TEST_REDIS",
    ports=1,
    prepare=_prepare,
    ready=_ready,
    url=lambda state: f"redis://127.0.0.1:{state['ports'][0]}/0",
    stop_signal=signal.SIGTERM,
    clean=_clean,
)
