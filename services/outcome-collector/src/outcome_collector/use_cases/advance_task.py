"""A Task B that moved, and all that follows: its new version, Task A's, and what the others are told."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from referral_contracts.events import TaskCancelled

from outcome_collector.domain.mirror import mirror, worth_writing
from outcome_collector.domain.returned import CARRIED, carried_to_a
from outcome_collector.domain.task import ReferralTasks, Task, Watch
from outcome_collector.domain.task_documents import Document, Written, dumped, loaded, showing, to_millisecond
from outcome_collector.domain.task_moves import Moved
from outcome_collector.domain.task_state import Mover, TaskState
from outcome_collector.use_cases.effects import Effects


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the next fact may take before the sweep publishes its cause again, in seconds."""

    delivery: float = 300.0
    write_back: float = 300.0


def told_by(notice: str, task: Task, patience: Patience) -> Watch:
    """The watch over a notice about `task` that its provider has to get."""
    return Watch(notice, "delivery", task.last_updated + timedelta(seconds=patience.delivery))


def later(task: Task, at: datetime) -> datetime:
    """`at`, or just after the Task's newest version where a clock stands behind it: versions never go
    back."""
    return max(to_millisecond(at), task.last_updated + timedelta(milliseconds=1))


def versioned(task: Task, state: TaskState, document: Document, at: datetime) -> Task:
    """The next version of `task`: `state` shown in `document`."""
    written = Written(task.version + 1, later(task, at))
    return replace(
        task,
        version=written.version,
        state=state,
        document=dumped(showing(document, state, written)),
        last_updated=written.at,
        fresh=True,
    )


def advance(
    tasks: ReferralTasks,
    b: Task,
    moved: Moved,
    document: Document,
    by: Mover,
    at: datetime,
    patience: Patience,
) -> Effects:
    """Writes `moved` as the next version of Task B (`document` is its content so far), brings Task A to
    what it
    must show, answers a wish to stop that the end has overtaken, and announces it.

    The provider is told of an end that is not its own doing; the gateway of every change of status."""
    effects = Effects()
    after = versioned(b, moved.state, document, at)
    after = replace(after, reroute=moved.reroute, watch=b.watch if not moved.status_changed else None)
    a = _shown(tasks, after, document, at, effects)
    if moved.status_changed:
        event = effects.status_changed(after, releases_quota=moved.releases_quota, reroute=moved.reroute)
        if moved.ended and a.state.is_open:
            due = after.last_updated + timedelta(seconds=patience.write_back)
            after = replace(after, watch=Watch(event, "write-back", due))
    effects.changed[after.id] = after
    if moved.ended:
        _withdraw_wish(tasks, after, at, effects)
        if by in ("referrer", "platform"):
            a = replace(a, sequence=a.sequence + 1)
            effects.changed[a.id] = a
            notice = effects.notify(TaskCancelled, after, after, a.sequence)
            if after.watch is None:
                # A provider that is not told goes on with somebody who has withdrawn.
                effects.changed[after.id] = replace(after, watch=told_by(notice, after, patience))
    return effects


def show_on_a(a: Task, state: TaskState, document: Document, at: datetime, effects: Effects) -> Task:
    """Task A brought to `state` and `document`, with its write-back, if that differs from what it shows."""
    before = loaded(a.document)
    carries_more = any(before.get(element) != document.get(element) for element in CARRIED)
    if state == a.state and not carries_more:
        return a
    after = versioned(a, state, document, at)
    effects.changed[after.id] = after
    if a.mode == "write" and (carries_more or worth_writing(a.state, state)):
        effects.write_backs.append(after)
    return after


def _shown(tasks: ReferralTasks, b: Task, document: Document, at: datetime, effects: Effects) -> Task:
    """Task A after its newest B changed; what happens to an earlier B is not mirrored."""
    a = tasks.a
    if b.id != tasks.newest.id:
        return a
    permitted = a.permits(at)
    state = mirror(a.state, b.state, return_permitted=permitted, reroute=b.reroute)
    if not b.state.is_open and state == a.state:
        # A new routing may follow, or Task A has ended before: nothing of this end is the referrer's yet.
        return a
    carried = carried_to_a(
        loaded(a.document), document, return_permitted=permitted, routed_anew=len(tasks.bs) > 1
    )
    return show_on_a(a, state, carried, at, effects)


def _withdraw_wish(tasks: ReferralTasks, b: Task, at: datetime, effects: Effects) -> None:
    """A wish to stop a Task that has ended by itself is moot."""
    stop = tasks.open_stop(b.id)
    if stop is not None:
        moot = versioned(stop, TaskState("cancelled", "no-longer-needed"), loaded(stop.document), at)
        effects.changed[stop.id] = replace(moot, watch=None)
