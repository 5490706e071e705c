"""What a consumer's handler answers for one event."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Done:
    """Handled, or of no concern; the position may move on."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not possible yet: this lane waits `after` seconds and reads the record again; other lanes go on."""

    after: float


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Never possible: kept in the dead-letter topic under the constant text `reason`, which holds no data."""

    reason: str


Result = Done | Retry | DeadLetter
