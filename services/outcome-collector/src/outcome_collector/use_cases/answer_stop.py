"""The provider answers the referrer's wish to stop: yes cancels its Task, no leaves it as it is."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from referral_contracts.errors import Issue, LahettiError, refuse
from referral_contracts.systems import STATUS_REASON

from outcome_collector.domain.task import ReferralTasks, Task
from outcome_collector.domain.task_documents import code_in, loaded
from outcome_collector.domain.task_moves import Refused, illegal_move, move
from outcome_collector.domain.task_patch import patched, wanted_change
from outcome_collector.domain.task_state import Change, TaskState
from outcome_collector.use_cases.advance_task import Patience, advance, versioned
from outcome_collector.use_cases.effects import Effects

WRITABLE = ("status", "statusReason", "note")
IN_WORDS = "other"
_ANSWERS = ("accepted", "rejected", "completed")


def answer_stop(
    tasks: ReferralTasks, stop: Task, operations: list[dict[str, Any]], at: datetime, patience: Patience
) -> Effects:
    """`stop` to accepted or completed: its Task B becomes cancelled, with the reason of the wish. To
    rejected, with the reason `other` in words: B goes on and no longer shows that it was asked.

    Raises `illegal-move` on anything else, and what is wrong with the reason (pa-taskrm-1)."""
    before = loaded(stop.document)
    after = patched(before, operations, WRITABLE)
    change = wanted_change(before, after)
    if not stop.state.is_open:
        raise refuse("task-ended", "Task.status", status=stop.state.status)
    if change.status not in _ANSWERS:
        wanted = change.status or stop.state.status
        raise LahettiError(illegal_move(stop.state.status, wanted, _ANSWERS))
    if issues := _reason_issues(change):
        raise LahettiError(*issues)
    b = tasks.task(stop.focus.removeprefix("Task/"))
    if b is None:
        raise refuse("dangling-reference", "Task.focus")
    effects = _followed(tasks, b, _reason(before), change.status != "rejected", at, patience)
    state = TaskState(change.status, change.reason)
    effects.changed[stop.id] = replace(versioned(stop, state, after.document, at), watch=None)
    return effects


def _reason_issues(change: Change) -> tuple[Issue, ...]:
    """Why a provider goes on is in no code: the codes say what ends or pauses a Task."""
    status, place = change.status or "", ("Task.statusReason",)
    if status != "rejected":
        return (Issue("status-reason-forbidden", place, {"status": status}),) if change.reason else ()
    if change.reason is None:
        return (Issue("status-reason-required", place, {"status": status}),)
    if change.reason != IN_WORDS:
        return (Issue("status-reason-unusable", place, {"status": status, "usable": IN_WORDS}),)
    return () if change.commented else (Issue("comment-required", ("Task.note",), {"reason": IN_WORDS}),)


def _followed(
    tasks: ReferralTasks, b: Task, reason: str, agreed: bool, at: datetime, patience: Patience
) -> Effects:
    if agreed:
        # Whoever needs the referrer's words finds them in the stop Task's note.
        change, by = Change("cancelled", reason, sets_reason=True, commented=True), "agreement"
    elif b.state.progress == "cancellation-requested":
        change, by = Change(sets_progress=True), "platform"
    else:
        return Effects()
    moved = move(b.state, change, by)
    if isinstance(moved, Refused):
        raise LahettiError(*moved.issues)
    return advance(tasks, b, moved, loaded(b.document), by, at, patience)


def _reason(stop: dict[str, Any]) -> str:
    return code_in(stop.get("reasonCode"), STATUS_REASON) or IN_WORDS
