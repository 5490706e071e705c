"""Child processes of a test: started with an environment, waited for by facts, ended whatever happens."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

DEADLINE = 30.0


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(fact: Callable[[], Any], what: str) -> Any:
    """The first true answer of `fact`, asked again for at most 30 s; fails naming `what`."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        answer = fact()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"not within {DEADLINE:.0f} s: {what}")


def get(url: str) -> tuple[int, str] | None:
    """Status and body, or None where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError:
        return None


class Child:
    """One process; what it writes is kept in a file."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str], output: Path) -> None:
        self.output = output
        with output.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, *arguments], env={**os.environ, **environment}, stdout=file, stderr=file
            )

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def code(self) -> int:
        """The exit code, waited for at most 30 s."""
        return self.process.wait(DEADLINE)

    def text(self) -> str:
        return self.output.read_text()

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The log lines of one event name."""
        every = [json.loads(line) for line in self.text().splitlines() if line.startswith("{")]
        return [line for line in every if line.get("event") == event]

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
