"""The referrer or the platform ends a Task: at once while nothing has started, else the provider is asked
to stop."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from referral_contracts.errors import LahettiError
from referral_contracts.events import TaskCancellationRequested
from referral_contracts.status_reasons import reasons_for
from service_runtime.ids import new_id

from outcome_collector.domain.task import ReferralTasks, Task
from outcome_collector.domain.task_documents import Document, dumped, instant, loaded, stop_task
from outcome_collector.domain.task_moves import Refused, illegal_move, legal_moves, move, must_ask_to_stop
from outcome_collector.domain.task_patch import BY_REFERRER, patched, wanted_change
from outcome_collector.domain.task_state import Change, Mover, TaskState
from outcome_collector.use_cases.advance_task import Patience, advance, later, show_on_a, told_by
from outcome_collector.use_cases.effects import Effects

UNSAID = "The request was revoked without a reason that is in use."
"""Stands in for the comment that the reason `other` needs, where the record system gave no usable reason."""

UNPLACED = "The request was revoked before any provider was asked; its reason stands in the ServiceRequest."


@dataclass(frozen=True, slots=True)
class Wish:
    """To which status, `cancelled` or `entered-in-error`, and why; `comment` is what the referrer wrote."""

    status: str
    reason: str | None = None
    comment: str | None = None


def usable_wish(status: str, reason: str | None, comment: str | None) -> Wish:
    """A revocation in words that the state machine takes: one without a reason of the referrer's is
    `other`."""
    if status == "entered-in-error":
        return Wish(status, comment=comment)
    usable = {known.code for known in reasons_for("referrer", "cancelled", accepted=True)}
    if reason not in usable or (reason == "other" and not comment):
        return Wish("cancelled", "other", comment or UNSAID)
    return Wish("cancelled", reason, comment)


def cancel(
    tasks: ReferralTasks, b: Task, wish: Wish, by: Mover, at: datetime, patience: Patience
) -> tuple[Effects, bool]:
    """What ends Task B, and whether the provider has to be asked first (a stop Task was made, or was there).

    A B that has ended by itself stays; Task A, if it was kept open for a new routing, then ends at once."""
    if by == "referrer" and wish.status == "cancelled" and must_ask_to_stop(b.state):
        return _ask(tasks, b, wish, at, patience), True
    if not b.state.is_open and wish.status == "cancelled":
        return _end_a(tasks, b, wish, at), False
    change = Change(
        status=wish.status,
        reason=wish.reason,
        sets_reason=wish.reason is not None,
        commented=wish.comment is not None,
    )
    moved = move(b.state, change, by)
    if isinstance(moved, Refused):
        raise LahettiError(*moved.issues)
    return advance(tasks, b, moved, _with_note(loaded(b.document), wish.comment, at), by, at, patience), False


def patch_task_a(
    tasks: ReferralTasks, operations: list[dict[str, Any]], at: datetime, patience: Patience
) -> tuple[Effects, bool]:
    """The record system's PATCH of Task A to cancelled or entered-in-error: the same as revoking its
    request."""
    a = tasks.a
    if not tasks.placed:
        # The gateway, which waits for a person's word, hears of an end only through the request itself.
        raise LahettiError(illegal_move(a.state.status, "cancelled", ()))
    b, before = tasks.newest, loaded(a.document)
    after = patched(before, operations, BY_REFERRER)
    change = wanted_change(before, after)
    if change.status not in ("cancelled", "entered-in-error") or not _may_end(a, change.status):
        legal = legal_moves(a.state, "referrer")
        raise LahettiError(illegal_move(a.state.status, change.status or a.state.status, legal))
    # Asking the provider, or ending Task A alone, takes the same reasons as a Task that has not started.
    direct = b.state.is_open and not must_ask_to_stop(b.state)
    refused = move(b.state if direct else TaskState("accepted", was_accepted=True), change, "referrer")
    if isinstance(refused, Refused):
        raise LahettiError(*refused.issues)
    comment = _comment(after.document, before)
    return cancel(tasks, b, Wish(change.status, change.reason, comment), "referrer", at, patience)


def _may_end(a: Task, status: str) -> bool:
    return a.state.status != "entered-in-error" if status == "entered-in-error" else a.state.is_open


def _ask(tasks: ReferralTasks, b: Task, wish: Wish, at: datetime, patience: Patience) -> Effects:
    """A stop Task for the provider, once; Task B and Task A show that it was asked."""
    if tasks.open_stop(b.id) is not None:
        return Effects()
    asking = Change(progress="cancellation-requested", sets_progress=True)
    moved = move(b.state, asking, "platform")
    if isinstance(moved, Refused):
        raise LahettiError(*moved.issues)
    effects = advance(tasks, b, moved, loaded(b.document), "platform", at, patience)
    stop = _stop(effects.changed[b.id], wish, later(b, at))
    a = effects.changed.get(tasks.a.id, tasks.a)
    a = replace(a, sequence=a.sequence + 1)
    effects.changed[a.id] = a
    notice = effects.notify(TaskCancellationRequested, b, stop, a.sequence)
    effects.added.append(replace(stop, watch=told_by(notice, stop, patience)))
    return effects


def _stop(b: Task, wish: Wish, at: datetime) -> Task:
    document = stop_task(loaded(b.document), new_id(), wish.reason or "other", at, wish.comment)
    return replace(
        b,
        id=document["id"],
        kind="stop",
        version=1,
        state=TaskState(),
        document=dumped(document),
        last_updated=at,
        focus=document["focus"]["reference"],
        deadlines=None,
        watch=None,
    )


def cancel_held(tasks: ReferralTasks, wish: Wish, at: datetime) -> Effects:
    """What ends Task A of a referral that no provider was asked for; nothing where one was."""
    return Effects() if tasks.placed else _end_a(tasks, None, wish, at)


def _end_a(tasks: ReferralTasks, b: Task | None, wish: Wish, at: datetime) -> Effects:
    """B has ended, or there never was one, and Task A waits for a routing that is no longer wanted."""
    effects = Effects()
    if not tasks.a.state.is_open:
        return effects
    state = replace(tasks.a.state, status="cancelled", reason=wish.reason, progress=None)
    if not tasks.a.permits(at) and wish.reason != "permission-withdrawn":
        state = replace(state, reason="withheld")
    show_on_a(tasks.a, state, _with_note(loaded(tasks.a.document), wish.comment, at), at, effects)
    if b is not None:
        effects.changed[b.id] = replace(b, watch=None)
    return effects


def _with_note(document: Document, comment: str | None, at: datetime) -> Document:
    if comment is None:
        return document
    return document | {"note": [*document.get("note", ()), {"time": instant(at), "text": comment}]}


def _comment(after: Document, before: Document) -> str | None:
    """What the referrer wrote: new notes, or the words beside its reason."""
    known = before.get("note", [])
    texts = [note["text"] for note in after.get("note", []) if note not in known]
    words = after.get("statusReason", {}).get("text")
    return "\n".join([*([words] if words else []), *texts]) or None
