"""A PostgreSQL of a test's own, to be stopped, frozen and started again while others use theirs."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from lahetti.composition.embedded import free_port
from support.processes import until

# Not on PATH in Debian; the newest first.
FOLDERS = [str(each) for each in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
USER = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
SETTINGS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "timezone": "UTC"}


class PrivatePostgres:
    """One cluster in `folder`, at a port that stays the same."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self._log = folder / "postgres.log"
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://lahetti@127.0.0.1:{self._port}/postgres"
        self._run("initdb", "-D", str(self._data), "-U", "lahetti", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = [f"--{name.replace('_', '-')}={value}" for name, value in SETTINGS.items()]
        words = [_program("postgres"), "-D", str(self._data), f"--port={self._port}", *settings]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log, cwd="/", **_as_user())
        ready = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        until(lambda: subprocess.run(ready, check=False).returncode == 0, "PostgreSQL answers")

    def stop(self) -> None:
        """End it at once, as a machine that loses its power; it recovers at the next start."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGQUIT)
            process.wait(30)

    def freeze(self) -> None:
        """It keeps its connections and answers nothing, as a machine that swaps."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        assert self._process is not None
        server = psutil.Process(self._process.pid)
        for each in [server, *server.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                each.send_signal(number)

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [_program(name), *arguments], capture_output=True, text=True, cwd="/", check=False, **_as_user()
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def private_postgres() -> Generator[PrivatePostgres]:
    """Made, started, and in the end stopped and removed."""
    # A folder of its own: as root, user postgres could not read pytest's.
    with tempfile.TemporaryDirectory(prefix="lahetti-faults-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if USER:
            shutil.chown(folder, USER, USER)
        cluster = PrivatePostgres(folder)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


def _program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join([*FOLDERS, os.environ.get("PATH", os.defpath)]))
    assert found, f"{name} is missing: start the engines with `make parts-up` first"
    return found


def _as_user() -> dict[str, object]:
    return {"user": USER, "group": USER, "extra_groups": []} if USER else {}
