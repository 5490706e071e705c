"""The folder that a running installation lives in: keys, databases, and where to find it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
from service_runtime.process_lock import AlreadyRunningError, only_process

from lahetti.refusals import BAD_INPUT, ENVIRONMENT_MISSING, Refused

DEFAULT_STATE = Path(".run/up")


@dataclass(frozen=True)
class Whereabouts:
    """What the tools need to reach an installation. Written when it is ready, removed when it stops."""

    base_url: str
    key_file: str
    event_log_url: str
    topic_prefix: str
    redis_url: str
    database_urls: dict[str, str]
    probes: dict[str, str]
    pid: int


class StateFolder:
    """One installation's folder; made where it is missing, readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.keys = self.path / "keys"
        self.logs = self.path / "logs"
        self._whereabouts = self.path / "installation.json"

    def make(self) -> None:
        """Make the folder and the ones inside it. Raises Refused (bad input) where that cannot be."""
        try:
            for folder in (self.path, self.keys, self.logs):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Refused(
                f"{self.path} cannot be the state folder ({error.strerror}): name another with --state",
                exit_code=BAD_INPUT,
            ) from None

    @contextmanager
    def held(self) -> Generator[None]:
        """Hold the folder for this process. Raises Refused with the other's pid where one holds it."""
        self.make()
        try:
            with only_process(self.path):
                try:
                    yield
                finally:
                    self.forget()
        except AlreadyRunningError as running:
            raise Refused(f"{running}: stop it, or choose another folder with --state") from None

    def tell(self, whereabouts: Whereabouts) -> None:
        """Write down where the installation is, whole or not at all."""
        draft = self._whereabouts.with_suffix(".new")
        draft.write_bytes(orjson.dumps(asdict(whereabouts), option=orjson.OPT_INDENT_2))
        draft.replace(self._whereabouts)

    def forget(self) -> None:
        """The installation stopped."""
        self._whereabouts.unlink(missing_ok=True)

    def find(self) -> Whereabouts:
        """Where the running installation is. Raises Refused (environment missing) where none runs."""
        try:
            found: dict[str, Any] = orjson.loads(self._whereabouts.read_bytes())
            return Whereabouts(**found)
        except (OSError, ValueError, TypeError):
            raise Refused(
                f"nothing runs in {self.path}: start it with `lahetti up`, or name its folder with --state",
                exit_code=ENVIRONMENT_MISSING,
            ) from None
