"""What Task A shows of Task B: the referrer follows one Task, however often the referral was routed anew."""

from dataclasses import replace

from referral_contracts.status_reasons import REASON_STATUSES, WITHHELD, Following

from outcome_collector.domain.task_state import ENDED, TaskState

_RANK = {"requested": 0, "accepted": 1, "on-hold": 2, "in-progress": 2} | dict.fromkeys(ENDED, 3)

_QUIET = frozenset({"delivered", "opened"})
"""Progress that nobody acts upon: shown to whoever reads Task A, but not worth a call to the record
system."""


def mirror(
    a: TaskState,
    b: TaskState,
    *,
    return_permitted: bool,
    reroute: Following | None = None,
    last: bool = False,
) -> TaskState:
    """What Task A shows once Task B, the referral's newest, stands as `b`.

    `reroute` is what B's end asked for; while a new routing may follow (`automatic` and not `last`) Task A
    stays as it is. Task A's status never moves backwards, `rejected` becomes `failed` once A was accepted,
    and without a permission to return anything the status alone is shown, its reason `withheld`."""
    ended = b.status in ENDED
    if a.status == "entered-in-error" or (a.status in ENDED and b.status != "entered-in-error"):
        return a
    if ended and reroute == "automatic" and not last:
        return a
    follows = _RANK[b.status] >= _RANK[a.status]
    status, reason = (b.status, b.reason) if follows else (a.status, a.reason)
    if status == "rejected" and a.was_accepted:
        status = "failed"
    if not return_permitted:
        reason = WITHHELD if status in REASON_STATUSES else None
    return TaskState(
        status=status,
        reason=reason,
        progress=b.progress if return_permitted else None,
        was_accepted=a.was_accepted or b.was_accepted,
        was_in_progress=a.was_in_progress or b.was_in_progress,
        contact_attempts=b.contact_attempts if return_permitted else 0,
    )


def rerouted(a: TaskState, *, return_permitted: bool) -> TaskState:
    """Task A when a new Task B has taken the place of one that ended: its status stays."""
    if a.status in ENDED:
        return a
    return replace(a, progress="rerouted" if return_permitted else None)


def worth_writing(before: TaskState, after: TaskState) -> bool:
    """Whether the record system is to be told of this change at once, and not with the next one."""
    if (before.status, before.reason) != (after.status, after.reason):
        return True
    return before.progress != after.progress and (after.progress or before.progress) not in _QUIET


def may_overwrite(theirs: str, ours: str) -> bool:
    """Whether Task A at the record system, found in status `theirs`, may still be brought to `ours`."""
    if theirs == ours:
        return True
    if theirs in ENDED:
        return ours == "entered-in-error"
    return _RANK[ours] >= _RANK.get(theirs, 0)
