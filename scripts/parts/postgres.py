"""A private PostgreSQL cluster of Debian's package, with fsync on."""

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

from folder import OUTSIDE
from packages import require
from servers import Command, Part, PartFailedError

_DATA = OUTSIDE / "postgres"
_LOG = OUTSIDE / "postgres.log"
_ROLE = "lahetti"
# Not on PATH in Debian; the newest first.
_FOLDERS = tuple(str(each) for each in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
_FIRST_INSTALL = "/usr/lib/postgresql/15/bin"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "200",
    "jit": "off",
    "timezone": "UTC",
}


def _prepare(state: dict[str, Any]) -> Command:
    initdb, server = _program("initdb"), _program("postgres")
    user = "postgres" if os.geteuid() == 0 else None
    OUTSIDE.mkdir(exist_ok=True, mode=0o755)
    if OUTSIDE.stat().st_uid != os.geteuid():
        raise PartFailedError(f"{OUTSIDE} belongs to another user; remove it and try again")
    if "password" not in state or not (_DATA / "PG_VERSION").exists():
        state["password"] = secrets.token_urlsafe(18)
        _initialise(initdb, state["password"], user)
    settings = [f"--{name.replace('_', '-')}={value}" for name, value in _SETTINGS.items()]
    return Command([server, "-D", str(_DATA), f"--port={state['ports'][0]}", *settings], _LOG, user=user)


def _program(name: str) -> str:
    return require(name, "postgresql-15", *_FOLDERS, _FIRST_INSTALL)


def _initialise(initdb: str, password: str, user: str | None) -> None:
    shutil.rmtree(_DATA, ignore_errors=True)
    _DATA.mkdir(mode=0o700)
    password_file = OUTSIDE / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password + "\n")
    if user:
        shutil.chown(_DATA, user, user)
        shutil.chown(password_file, user, user)
    # --no-sync spares the wait for the empty cluster only; the server itself runs with fsync on.
    words = [initdb, "-D", str(_DATA), "-U", _ROLE, "-A", "scram-sha-256", f"--pwfile={password_file}"]
    made = subprocess.run(
        [*words, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        capture_output=True,
        text=True,
        cwd="/",
        user=user,
        group=user,
        extra_groups=[] if user else None,
        check=False,
    )
    password_file.unlink()
    if made.returncode != 0:
        raise PartFailedError(f"postgres could not be initialised: {made.stderr.strip()[-500:]}")


def _ready(state: dict[str, Any]) -> bool:
    asked = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(state["ports"][0])]
    return subprocess.run(asked, check=False).returncode == 0


def _clean() -> None:
    shutil.rmtree(OUTSIDE, ignore_errors=True)


PART = Part(
    name="postgres",
    variable="LAHETTI_TEST_POSTGRES",
    ports=1,
    prepare=_prepare,
    ready=_ready,
    url=lambda state: f"postgresql://{_ROLE}:{state['password']}@127.0.0.1:{state['ports'][0]}/postgres",
    stop_signal=signal.SIGINT,  # fast shutdown: connected clients are cut off, data is safe
    clean=_clean,
)
