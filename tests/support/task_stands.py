"""Where a Task can stand and where it may go from there: the table of its moves, written out by hand."""

from outcome_collector.domain.task_moves import Moved, Refused
from outcome_collector.domain.task_state import Change, Mover, TaskState
from referral_contracts.status_reasons import REASON_STATUSES

MOVERS: tuple[Mover, ...] = ("provider", "referrer", "platform", "agreement")

# Where a Task can stand, with what it has been before.
STANDS = {
    "requested": TaskState("requested"),
    "accepted": TaskState("accepted", was_accepted=True),
    "in-progress": TaskState("in-progress", was_accepted=True, was_in_progress=True),
    "on-hold": TaskState("on-hold", "waiting-for-place", was_accepted=True),
    "on-hold, started": TaskState("on-hold", "waiting-for-place", was_accepted=True, was_in_progress=True),
    "rejected": TaskState("rejected", "no-capacity"),
    "completed": TaskState("completed", was_accepted=True, was_in_progress=True),
    "failed": TaskState("failed", "client-declined", was_accepted=True),
    "cancelled": TaskState("cancelled", "no-longer-needed", was_accepted=True),
    "entered-in-error": TaskState("entered-in-error"),
}

LEGAL: dict[tuple[str, Mover], set[str]] = {
    ("requested", "provider"): {"accepted", "rejected"},
    ("requested", "referrer"): {"cancelled", "entered-in-error"},
    ("requested", "platform"): {"cancelled"},
    ("accepted", "provider"): {"in-progress", "on-hold", "completed", "failed"},
    ("accepted", "referrer"): {"cancelled", "entered-in-error"},
    ("accepted", "platform"): {"failed", "cancelled"},
    ("in-progress", "provider"): {"on-hold", "completed", "failed"},
    ("in-progress", "referrer"): {"entered-in-error"},
    ("in-progress", "platform"): {"failed", "cancelled"},
    ("in-progress", "agreement"): {"cancelled"},
    ("on-hold", "provider"): {"in-progress", "completed", "failed"},
    ("on-hold", "referrer"): {"cancelled", "entered-in-error"},
    ("on-hold", "platform"): {"failed", "cancelled"},
    ("on-hold, started", "provider"): {"in-progress", "completed", "failed"},
    ("on-hold, started", "referrer"): {"entered-in-error"},
    ("on-hold, started", "platform"): {"failed", "cancelled"},
    ("on-hold, started", "agreement"): {"cancelled"},
    ("rejected", "referrer"): {"entered-in-error"},
    ("completed", "referrer"): {"entered-in-error"},
    ("failed", "referrer"): {"entered-in-error"},
    ("cancelled", "referrer"): {"entered-in-error"},
}

REASONS = {
    ("provider", "rejected"): "wrong-referral",
    ("provider", "failed"): "wrong-referral",
    ("provider", "on-hold"): "waiting-for-place",
    ("referrer", "cancelled"): "no-longer-needed",
    ("agreement", "cancelled"): "no-longer-needed",
    ("platform", "cancelled"): "permission-withdrawn",
    ("platform", "failed"): "no-response-in-time",
}


def change_to(status: str, mover: Mover) -> Change:
    reason = REASONS.get((mover, status)) if status in REASON_STATUSES else None
    return Change(status=status, reason=reason, sets_reason=reason is not None)


def slugs(answer: Moved | Refused) -> list[str]:
    return [issue.slug for issue in answer.issues] if isinstance(answer, Refused) else []


def well_founded(to: str, reason: str) -> Change:
    return Change(status=to, reason=reason, sets_reason=True, commented=True, contact_attempts=2)
