"""The official HL7 validator as a process beside the tests."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maven import ConformanceFailedError, jars
from oracle_home import oracle_home
from packages import require
from places import PACKAGE_FOLDER, RUN

_HERE = Path(__file__).resolve().parent
_READY_SECONDS = 400.0


@contextmanager
def oracles(count: int) -> Iterator[list[str]]:
    """The addresses of `count` validators that answer; they end with the block.

    One takes about 1.5 GB and works in one thread. Raises ConformanceFailedError when one does not come up.
    """
    words, started = _command(), list[tuple[subprocess.Popen[bytes], int, Path]]()
    try:
        for number in range(count):
            port, log = _free_port(), RUN / f"oracle-{number}.log"
            with log.open("wb") as output:
                process = subprocess.Popen(
                    [*words, str(port), *map(str, sorted(PACKAGE_FOLDER.glob("*.tgz")))],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            started.append((process, port, log))
        for process, _, log in started:
            _wait(process, log)
        yield [f"http://127.0.0.1:{port}" for _, port, _ in started]
    finally:
        for process, _, _ in started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _command() -> list[str]:
    java = require("java", "openjdk-17-jdk-headless")
    return [
        java,
        "-Xmx3g",
        "-XX:+UseSerialGC",
        f"-Duser.home={oracle_home()}",
        f"-Dlogback.configurationFile={_HERE / 'logback.xml'}",
        "-cp",
        f"{jars(_HERE / 'pom.xml', 'validator')}/*",
        str(_HERE / "Oracle.java"),
    ]


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _READY_SECONDS
    while b"READY" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > until:
            raise ConformanceFailedError(
                f"the validator did not start; {log} ends:\n{log.read_text()[-2000:]}"
            )
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
