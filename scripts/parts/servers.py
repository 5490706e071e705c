"""What starting and stopping servers have in common: ports, a recorded process, the wait for an answer."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from folder import remember, remembered

_READY_SECONDS = 60.0
_STOP_SECONDS = 20.0
_ATTEMPTS = 3


class PartFailedError(Exception):
    """A part did not start; the text says where its log is."""


@dataclass(frozen=True)
class Command:
    """How to run a server in the foreground."""

    words: list[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    user: str | None = None


@dataclass(frozen=True)
class Part:
    """One server. `prepare(state)` makes its folders and returns the command; `state` has `ports`."""

    name: str
    variable: str
    ports: int
    prepare: Callable[[dict[str, Any]], Command]
    ready: Callable[[dict[str, Any]], bool]
    url: Callable[[dict[str, Any]], str]
    stop_signal: signal.Signals
    clean: Callable[[], None]


def up(part: Part) -> str:
    """Start the part unless it runs; return the line to show. On a port in use try others, three times."""
    if url := running(part):
        return f"{part.name} already runs at {_shown(url)}"
    state = {key: value for key, value in remembered(part.name).items() if key != "process"}
    for _ in range(_ATTEMPTS):
        if not _all_free(state.get("ports", ())):
            state["ports"] = _free_ports(part.ports)
        command = part.prepare(state)
        began = time.monotonic()
        process = _start(command)
        state["process"] = {"pid": process.pid, "started": _start_time(process.pid)}
        remember(part.name, state)
        if _answers(part, state, process):
            return f"{part.name} runs at {_shown(part.url(state))} ({time.monotonic() - began:.1f} s)"
        _end(process.pid, signal.SIGKILL)
        process.wait()
    raise PartFailedError(f"{part.name} did not start; see {command.log}")


def running(part: Part) -> str | None:
    """The part's URL while the recorded process lives, else None."""
    state = remembered(part.name)
    return part.url(state) if state.get("process") and _is_ours(state["process"]) else None


def down(part: Part) -> str:
    """End the recorded process, if it is still the one that was started, and remove the part's data."""
    state = remembered(part.name)
    process = state.pop("process", None)
    if process and _is_ours(process):
        _end(process["pid"], part.stop_signal)
        if not _gone(process, _STOP_SECONDS):
            _end(process["pid"], signal.SIGKILL)
            _gone(process, _STOP_SECONDS)
    part.clean()
    remember(part.name, {key: state[key] for key in ("ports",) if key in state})
    return f"{part.name} stopped"


def answers_tcp(port: int) -> bool:
    """Whether something accepts connections at this port of the loopback address."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _start(command: Command) -> subprocess.Popen[bytes]:
    with command.log.open("ab") as log:
        return subprocess.Popen(
            command.words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | command.environment,
            cwd="/",
            start_new_session=True,
            user=command.user,
            group=command.user,
            extra_groups=[] if command.user else None,
        )


def _answers(part: Part, state: dict[str, Any], process: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if part.ready(state):
            return True
        time.sleep(0.1)
    return False


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _all_free(ports: list[int]) -> bool:
    try:
        for port in ports:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return bool(ports)


def _start_time(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None when there is none or it is a zombie."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if after_name[0] == "Z" else int(after_name[19])


def _is_ours(process: Mapping[str, Any]) -> bool:
    """A pid alone proves nothing: numbers are used again."""
    return process["started"] is not None and _start_time(process["pid"]) == process["started"]


def _end(pid: int, with_signal: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, with_signal)


def _gone(process: Mapping[str, Any], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while _is_ours(process):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _shown(url: str) -> str:
    return url.rpartition("@")[2]
