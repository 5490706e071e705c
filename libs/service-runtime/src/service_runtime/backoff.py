"""How long to leave alone what just failed: twice as long each time in a row, to a limit."""

from collections.abc import Hashable
from typing import Generic, TypeVar

from service_runtime.clock import Clock

K = TypeVar("K", bound=Hashable)


class Backoff(Generic[K]):
    """Remembers in this process which things are postponed. `first` and `most` are seconds."""

    def __init__(self, clock: Clock, *, first: float, most: float) -> None:
        self._clock = clock
        self._first = first
        self._most = most
        self._waits: dict[K, tuple[float, float]] = {}  # until, the wait that led there

    def failed(self, thing: K) -> None:
        """Postpone `thing`, for twice as long as the last time."""
        _, last = self._waits.get(thing, (0.0, 0.0))
        wait = min(self._most, last * 2 or self._first)
        self._waits[thing] = (self._clock.monotonic() + wait, wait)

    def worked(self, thing: K) -> None:
        """Forget that `thing` ever failed."""
        self._waits.pop(thing, None)

    def postponed(self) -> list[K]:
        """What is to be left alone now."""
        now = self._clock.monotonic()
        for thing in [thing for thing, (until, _) in self._waits.items() if until + self._most < now]:
            del self._waits[thing]
        return [thing for thing, (until, _) in self._waits.items() if until > now]

    def next_in(self) -> float | None:
        """Seconds until the first postponed thing may be tried again; None when nothing is postponed."""
        now = self._clock.monotonic()
        waits = [until - now for until, _ in self._waits.values() if until > now]
        return min(waits, default=None)
