"""Port `Clock`: due times and deadlines are computed from it, never from the database's now()."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What time it is, for decisions; leases use the database's own clock instead."""

    def now(self) -> datetime:
        """The wall clock as an aware UTC time."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go backwards, for durations."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
