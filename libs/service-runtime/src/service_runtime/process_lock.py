"""One embedded process a folder: its SQLite files and its lanes have one writer."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunningError(Exception):
    """Another process holds the folder; the text is one line that names its id."""


@contextmanager
def only_process(folder: Path) -> Generator[None]:
    """Hold `folder` for this process while the context lasts; the lock ends with the process in any case.

    Raises AlreadyRunningError where another one holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = os.open(folder / "lahetti.pid", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(file, 32, 0).decode(errors="replace").strip() or "unknown"
            raise AlreadyRunningError(f"another process ({holder}) already runs in {folder}") from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(file)
