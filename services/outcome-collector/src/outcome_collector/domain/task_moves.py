"""The state machine of a Task: who may move it from where to where, and what each move needs.

Sources: the status table of the Physical Activity IG 1.0.1 and its invariant pa-taskrm-1, the Clinical Order
Workflow's cancellation after start, and the county's reasons (D20). Pure: no clock, no database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from referral_contracts.errors import Issue
from referral_contracts.progress import PROGRESS
from referral_contracts.status_reasons import (
    REASON_STATUSES,
    STATUS_REASONS,
    Actor,
    Following,
    StatusReason,
    reasons_for,
    releases_quota,
)

from outcome_collector.domain.task_state import ENDED, STATUSES, Change, Mover, TaskState

_MOVES: dict[tuple[str, Mover], frozenset[str]] = {
    ("requested", "provider"): frozenset({"accepted", "rejected"}),
    ("accepted", "provider"): frozenset({"in-progress", "on-hold", "completed", "failed"}),
    ("in-progress", "provider"): frozenset({"on-hold", "completed", "failed"}),
    ("on-hold", "provider"): frozenset({"in-progress", "completed", "failed"}),
    ("requested", "referrer"): frozenset({"cancelled"}),
    ("accepted", "referrer"): frozenset({"cancelled"}),
    ("on-hold", "referrer"): frozenset({"cancelled"}),
    ("requested", "platform"): frozenset({"cancelled"}),
    ("accepted", "platform"): frozenset({"failed", "cancelled"}),
    ("in-progress", "platform"): frozenset({"failed", "cancelled"}),
    ("on-hold", "platform"): frozenset({"failed", "cancelled"}),
    ("in-progress", "agreement"): frozenset({"cancelled"}),
    ("on-hold", "agreement"): frozenset({"cancelled"}),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """A legal change, made. `reroute` and `releases_quota` speak only when `ended`."""

    state: TaskState
    status_changed: bool
    ended: bool = False
    releases_quota: bool = False
    reroute: Following | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not, one issue a thing; the Task stays as it was."""

    issues: tuple[Issue, ...]


def legal_moves(state: TaskState, mover: Mover) -> tuple[str, ...]:
    """The statuses that `mover` may set now, in the order of STATUSES."""
    legal = set(_MOVES.get((state.status, mover), ()))
    if mover == "referrer":
        if state.was_in_progress:
            legal.discard("cancelled")
        if state.status != "entered-in-error":
            legal.add("entered-in-error")
    if mover == "agreement" and not state.was_in_progress:
        legal.discard("cancelled")
    return tuple(status for status in STATUSES if status in legal)


def must_ask_to_stop(state: TaskState) -> bool:
    """Whether the referrer can no longer cancel by itself: the provider has started, so an abort Task asks
    it."""
    return state.is_open and state.was_in_progress


def move(state: TaskState, change: Change, mover: Mover) -> Moved | Refused:
    """`change` made by `mover`, or all that stands in its way.

    A move clears a statusReason and a businessStatus that came with the old status; `received` from the
    provider leaves a requested Task's status and is kept as businessStatus `opened`."""
    if change.status == "received" and mover == "provider" and state.status == "requested":
        change = replace(change, status=None, progress="opened", sets_progress=True)
    target = change.status or state.status
    moves = target != state.status
    if moves and target not in legal_moves(state, mover):
        return Refused((illegal_move(state.status, target, legal_moves(state, mover)),))
    if not moves and not state.is_open:
        return Refused((Issue("task-ended", ("Task.status",), {"status": state.status}),))
    after = _applied(state, change, target, moves)
    issues = (*_reason_issues(state, change, after, mover), *_progress_issues(change, mover))
    if issues:
        return Refused(issues)
    return _consequences(state, after, moves, mover)


def illegal_move(status: str, wanted: str, legal: Sequence[str]) -> Issue:
    """That a Task which is `status` cannot become `wanted`. That may be any text from outside: it is repeated
    only where it is one of our statuses."""
    known = wanted if wanted in STATUSES or wanted == "received" else "?"
    params = {"status": status, "wanted": known, "legal": ", ".join(legal) or "-"}
    return Issue("illegal-move", ("Task.status",), params)


def _applied(state: TaskState, change: Change, target: str, moves: bool) -> TaskState:
    kept_reason = None if moves else state.reason
    kept_progress = None if moves else state.progress
    progress = change.progress if change.sets_progress else kept_progress
    attempts = state.contact_attempts
    if change.contact_attempts is not None:
        attempts = max(attempts, change.contact_attempts)
    elif change.sets_progress and change.progress == "contact-attempted":
        attempts += 1
    return TaskState(
        status=target,
        reason=change.reason if change.sets_reason else kept_reason,
        progress=progress,
        was_accepted=state.was_accepted or target == "accepted",
        was_in_progress=state.was_in_progress or target == "in-progress",
        contact_attempts=attempts,
    )


def _reason_issues(state: TaskState, change: Change, after: TaskState, mover: Mover) -> tuple[Issue, ...]:
    place = ("Task.statusReason",)
    if after.status not in REASON_STATUSES:
        return (Issue("status-reason-forbidden", place, {"status": after.status}),) if after.reason else ()
    if after.reason is None:
        return (Issue("status-reason-required", place, {"status": after.status}),)
    if not change.sets_reason:
        return ()
    usable = reasons_for(_voice(mover), after.status, accepted=state.was_accepted)
    reason = STATUS_REASONS.get(after.reason)
    if reason is None or reason not in usable:
        codes = ", ".join(known.code for known in usable) or "-"
        return (Issue("status-reason-unusable", place, {"status": after.status, "usable": codes}),)
    return _needs(reason, change, after)


def _needs(reason: StatusReason, change: Change, after: TaskState) -> tuple[Issue, ...]:
    issues: list[Issue] = []
    if reason.comment_mandatory and not change.commented:
        issues.append(Issue("comment-required", ("Task.note",), {"reason": reason.code}))
    if reason.needs_contact_attempts and after.contact_attempts < 1:
        issues.append(
            Issue("contact-attempts-required", ("Task.statusReason.extension",), {"reason": reason.code})
        )
    return tuple(issues)


def _progress_issues(change: Change, mover: Mover) -> tuple[Issue, ...]:
    if not change.sets_progress or change.progress is None:
        return ()
    known = PROGRESS.get(change.progress)
    if known is not None and _voice(mover) in known.usable_by:
        return ()
    usable = ", ".join(code for code, concept in PROGRESS.items() if _voice(mover) in concept.usable_by)
    return (Issue("progress-unusable", ("Task.businessStatus",), {"usable": usable or "-"}),)


def _voice(mover: Mover) -> Actor:
    """Whose reasons apply: with an agreement to stop, those of the referrer who asked."""
    return "referrer" if mover == "agreement" else mover


def _following(reason: StatusReason) -> Following:
    """A reason that says nothing by its code alone is read by a person before anything else is done."""
    if reason.reroute == "case" and reason.comment_mandatory:
        return "review"
    return reason.reroute or "never"


def _consequences(before: TaskState, after: TaskState, moves: bool, mover: Mover) -> Moved:
    """What quota and routing learn. An end that the referrer wanted is never routed on, whatever its
    reason."""
    if not moves or after.status not in ENDED:
        return Moved(after, moves)
    if after.status == "entered-in-error":
        return Moved(after, moves, ended=True, releases_quota=before.is_open, reroute="never")
    if after.status == "completed" or after.reason is None:
        return Moved(after, moves, ended=True, reroute="never")
    reason = STATUS_REASONS[after.reason]
    reroute = "never" if _voice(mover) == "referrer" else _following(reason)
    return Moved(
        after,
        moves,
        ended=True,
        releases_quota=releases_quota(reason, started=after.was_in_progress),
        reroute=reroute,
    )
