"""Lanes that wait because their next record could not be handled yet."""

from dataclasses import dataclass
from datetime import datetime
from math import inf

from service_runtime.clock import Clock
from service_runtime.event_log.port import Record, TopicLane

_FIRST_SECONDS = 0.5
_MOST_SECONDS = 30.0


@dataclass(slots=True)
class _Wait:
    offset: int
    first_at: datetime
    began: float
    attempts: int
    until: float


class Waiting:
    """Counts the attempts at one record of each lane; in this process only, so a restart begins anew."""

    def __init__(self, clock: Clock, give_up_after: float) -> None:
        self._clock = clock
        self._give_up_after = give_up_after
        self._waits: dict[TopicLane, _Wait] = {}

    def failed(self, record: Record) -> None:
        """Count one more attempt at `record`."""
        now, wait = self._clock.monotonic(), self._waits.get(record.topic_lane)
        if wait is None or wait.offset != record.offset:
            wait = _Wait(record.offset, self._clock.now(), now, 0, now)
            self._waits[record.topic_lane] = wait
        wait.attempts += 1

    def attempts(self, record: Record) -> int:
        """How often `record` was tried in vain."""
        wait = self._waits.get(record.topic_lane)
        return wait.attempts if wait is not None and wait.offset == record.offset else 0

    def since(self, record: Record) -> datetime:
        """When `record` was first tried."""
        wait = self._waits.get(record.topic_lane)
        return wait.first_at if wait is not None and wait.offset == record.offset else self._clock.now()

    def too_long(self, record: Record) -> bool:
        """Whether `record` was tried for so long that it is given up."""
        wait = self._waits.get(record.topic_lane)
        if wait is None or wait.offset != record.offset:
            return False
        return self._clock.monotonic() - wait.began >= self._give_up_after

    def postpone(self, lane: TopicLane, seconds: float | None) -> float:
        """Let the lane wait so long; None means twice as long with each attempt. Returns the seconds."""
        wait = self._waits[lane]
        if seconds is None:
            seconds = min(_MOST_SECONDS, _FIRST_SECONDS * 2 ** (wait.attempts - 1))
        # Not past the moment of giving up, or a long wait would stretch it.
        seconds = min(seconds, max(0.0, wait.began + self._give_up_after - self._clock.monotonic()))
        wait.until = self._clock.monotonic() + seconds
        return seconds

    def handled(self, lane: TopicLane) -> None:
        """The lane's record is done with."""
        self._waits.pop(lane, None)

    def take_due(self) -> list[TopicLane]:
        """Lanes whose wait is over, each told of once."""
        now = self._clock.monotonic()
        due = [lane for lane, wait in self._waits.items() if wait.until <= now]
        for lane in due:
            self._waits[lane].until = inf
        return due

    def next_in(self) -> float:
        """Seconds until the first wait is over; infinite when none waits."""
        now = self._clock.monotonic()
        return min((max(0.0, wait.until - now) for wait in self._waits.values()), default=inf)
