"""What the state machine knows of a Task, and what somebody wants of it."""

from dataclasses import dataclass
from typing import Literal

OPEN = ("requested", "accepted", "in-progress", "on-hold")
ENDED = ("rejected", "completed", "failed", "cancelled", "entered-in-error")
STATUSES = OPEN + ENDED
"""All statuses that we ever show. `received` is understood on input and shown as businessStatus `opened`."""

Mover = Literal["provider", "referrer", "platform", "agreement"]
"""Who moves a Task; `agreement` is the provider saying yes to the referrer's wish to stop what has
started."""


@dataclass(frozen=True, slots=True)
class TaskState:
    """Where a Task stands. `reason` and `progress` are codes of statusReason and businessStatus."""

    status: str = "requested"
    reason: str | None = None
    progress: str | None = None
    was_accepted: bool = False
    was_in_progress: bool = False
    contact_attempts: int = 0

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@dataclass(frozen=True, slots=True)
class Change:
    """What is wanted. A `status` of None leaves the status; the `sets_` flags tell a code that was left alone
    from one that was taken away. `commented` = a note or a reason text came along; `contact_attempts` is how
    often the provider says it tried."""

    status: str | None = None
    reason: str | None = None
    sets_reason: bool = False
    progress: str | None = None
    sets_progress: bool = False
    commented: bool = False
    contact_attempts: int | None = None
