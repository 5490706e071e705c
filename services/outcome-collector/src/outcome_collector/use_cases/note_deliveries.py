"""A notification has reached its provider, or will not: the sweep need not wait for it any longer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from referral_contracts.events import DeliveryExhausted, DeliveryStopped, DeliverySucceeded

from outcome_collector.domain.task import ReferralTasks, Task
from outcome_collector.domain.task_documents import loaded
from outcome_collector.domain.task_moves import Refused, move
from outcome_collector.domain.task_state import Change
from outcome_collector.ports import PLATFORM, Unit
from outcome_collector.use_cases.advance_task import Patience, advance
from outcome_collector.use_cases.effects import Effects, write

Delivered = DeliverySucceeded | DeliveryExhausted | DeliveryStopped
"""That a notification has ended, one way or another."""


async def note_deliveries(
    unit: Unit,
    ended: Sequence[Delivered],
    *,
    now: Callable[[], datetime],
    patience: Patience,
) -> None:
    """Marks Tasks that still wait for an answer as `delivered`.

    After a delivery that was given up a person has a case already, and one that was stopped is not waited
    for: the sweep is stood down without a mark. Later Tasks of the same batch see earlier marks."""
    known = dict(await unit.tasks.lock_referrals(sorted({event.referral for event in ended})))
    at = now()
    effects: list[Effects] = []
    noted: set[tuple[str, str]] = set()
    for event in ended:
        tasks = known.get(event.referral)
        task = tasks.task(event.task) if tasks else None
        # One endpoint is enough: a provider with two has been told.
        if tasks is None or task is None or (task.id, event.event) in noted:
            continue
        if isinstance(event, DeliverySucceeded):
            noted.add((task.id, event.event))
        effect = _noted(tasks, task, event, at, patience)
        effects.append(effect)
        known[event.referral] = _after(tasks, effect)
    await write(unit, [_merged(effects)], PLATFORM)


def _noted(
    tasks: ReferralTasks,
    task: Task,
    event: Delivered,
    at: datetime,
    patience: Patience,
) -> Effects:
    waits = task.kind == "B" and task.state.status == "requested" and task.state.progress is None
    effects = Effects()
    if isinstance(event, DeliverySucceeded) and waits:
        moved = move(task.state, Change(progress="delivered", sets_progress=True), "platform")
        if not isinstance(moved, Refused):
            effects = advance(tasks, task, moved, loaded(task.document), "platform", at, patience)
    task = effects.changed.get(task.id, task)
    if task.watch is not None and task.watch.awaited == "delivery" and task.watch.event == event.event:
        effects.changed[task.id] = replace(task, watch=None)
    return effects


def _after(tasks: ReferralTasks, effects: Effects) -> ReferralTasks:
    return ReferralTasks.of([effects.changed.get(task.id, task) for task in tasks.all])


def _merged(effects: Sequence[Effects]) -> Effects:
    merged = Effects()
    for effect in effects:
        merged.changed |= effect.changed
        merged.events += effect.events
        merged.write_backs += effect.write_backs
    return merged
