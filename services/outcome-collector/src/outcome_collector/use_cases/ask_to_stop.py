"""The referrer posts its wish that a referral ends: an abort Task, which does what a PATCH of Task A to
cancelled does."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from referral_contracts.errors import LahettiError, refuse

from outcome_collector.domain.stop_wish import StopWish, at_home
from outcome_collector.domain.task import ReferralTasks, Task
from outcome_collector.domain.task_documents import dumped, loaded
from outcome_collector.domain.task_views import shown, shown_to_referrer
from outcome_collector.ports import Access, Author, Unit
from outcome_collector.use_cases.advance_task import Patience
from outcome_collector.use_cases.cancel_task import patch_task_a
from outcome_collector.use_cases.effects import Effects, write
from outcome_collector.use_cases.record_outcome import may_see

Became = Literal["provider-is-asked-to-stop", "stop-asked-already", "cancelled-at-once", "cancelled-already"]
_ACTIONS: dict[Became, Literal["create", "read", "update"]] = {
    "provider-is-asked-to-stop": "create",
    "stop-asked-already": "read",
    "cancelled-at-once": "update",
    "cancelled-already": "read",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a wish: the stop Task, or Task A where none is needed, as its referrer may read it."""

    task: Task
    became: Became


async def ask_to_stop(
    unit: Unit, wish: StopWish, author: Author, *, now: Callable[[], datetime], patience: Patience
) -> Asked:
    """Does what `wish` asks: nothing has started → Task A is cancelled at once; else a stop Task asks the
    provider, once: a wish under the same identifier, or while one is open, is the first one again.

    Writes all that the PATCH writes, and the audit row. Raises `dangling-reference` where the focus is no
    Task A of the author's (what is somebody else's does not exist), and all that the PATCH refuses; then
    nothing is written."""
    tasks = await unit.tasks.lock(wish.focus)
    if tasks is None or tasks.a.id != wish.focus or not may_see(tasks.a, author):
        raise refuse("dangling-reference", "Task.focus")
    at = now()
    effects, task, became = _decided(tasks, wish, at, patience)
    a = effects.changed.get(tasks.a.id, tasks.a)
    access = Access(author, _ACTIONS[became], f"Task/{task.id}", task.referral, at, task.version)
    await write(unit, [effects], author, [access])
    readable = shown(a, task.document, at) if task.kind == "A" else shown_to_referrer(a, task.document, at)
    return Asked(replace(task, document=readable), became)


def _decided(
    tasks: ReferralTasks, wish: StopWish, at: datetime, patience: Patience
) -> tuple[Effects, Task, Became]:
    operations = wish.change_of(tasks.a)
    if original := wish.original(tasks):
        return Effects(), original, "stop-asked-already"
    if tasks.a.state.status == "cancelled":
        return Effects(), tasks.a, "cancelled-already"
    try:
        effects, _ = patch_task_a(tasks, operations, at, patience)
    except LahettiError as refused:
        raise LahettiError(*at_home(refused.issues)) from None
    if not effects.added:
        return effects, effects.changed.get(tasks.a.id, tasks.a), "cancelled-at-once"
    [stop] = effects.added
    if wish.identifiers:
        named = loaded(stop.document) | {"identifier": [*wish.identifiers]}
        stop = replace(stop, document=dumped(named))
        effects.added[:] = [stop]
    return effects, stop, "provider-is-asked-to-stop"
