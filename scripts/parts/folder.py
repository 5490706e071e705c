"""Where this clone keeps the state of its parts, and the lock that lets one command change it at a time."""

import fcntl
import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CLONE = Path(__file__).resolve().parents[2]
RUN = CLONE / ".run"
# PostgreSQL refuses to run as root, and user postgres may not be able to read the clone.
OUTSIDE = Path(tempfile.gettempdir()) / f"lahetti-{hashlib.sha256(str(CLONE).encode()).hexdigest()[:12]}"
_STATE = RUN / "parts.json"


@contextmanager
def exclusive() -> Iterator[None]:
    """Wait until no other command of this clone starts or stops parts."""
    RUN.mkdir(exist_ok=True)
    with (RUN / "parts.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remembered(name: str) -> dict[str, Any]:
    """What was noted of a part: its ports, process and password; empty when it never ran here."""
    return _all().get(name, {})


def remember(name: str, state: dict[str, Any]) -> None:
    """Note a part's state; the file holds a password, so only its owner may read it."""
    everything = _all() | {name: state}
    _STATE.touch(mode=0o600)
    _STATE.write_text(json.dumps(everything, indent=1))


def _all() -> dict[str, Any]:
    return json.loads(_STATE.read_text()) if _STATE.exists() else {}
