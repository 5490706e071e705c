"""A clock that stands until it is moved."""

from datetime import UTC, datetime, timedelta


class StandingClock:
    """Port `Clock`, moved by hand."""

    def __init__(self, at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self.at = at
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        """Let so much time pass."""
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds
