"""The sweep: what should have followed an event and has not is announced again, and in the end becomes a
case."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from referral_contracts.events import TaskDeliveryAsked, TaskStranded
from referral_contracts.topics import OUTCOMES, tasks_topic

from outcome_collector.domain.task import Task
from outcome_collector.ports import PLATFORM, Unit
from outcome_collector.use_cases.advance_task import Patience
from outcome_collector.use_cases.effects import Effects, write

TIMES = 3
"""How often an event is published again before a person is asked."""


async def announce_overdue(unit: Unit, at: datetime, patience: Patience) -> int:
    """Publishes again, under the same ids, the events whose next fact is overdue: a Task without a
    delivery, an end that neither a new routing nor Task A has followed. For a delivery it also asks what
    became of it. Each time the wait doubles; after three times the Task is announced as stranded, once.
    Answers how many Tasks it looked after."""
    overdue = await unit.tasks.lock_overdue(at)
    effects = Effects()
    again: list[str] = []
    for task in overdue:
        again += _looked_after(task, at, patience, effects)
    await unit.announcements.again(again)
    await write(unit, [effects], PLATFORM)
    return len(overdue)


def _looked_after(task: Task, at: datetime, patience: Patience, effects: Effects) -> Sequence[str]:
    watch = task.watch
    if watch is None:
        return ()
    if watch.times >= TIMES:
        body = TaskStranded(referral=task.referral, task=task.id, missing=watch.awaited)
        effects.announce(OUTCOMES, task.referral, body)
        effects.changed[task.id] = replace(task, watch=None)
        return ()
    if watch.awaited == "delivery" and task.provider:
        # The notice may have arrived and only its report be lost: publishing it again would tell nobody.
        asked = TaskDeliveryAsked(
            referral=task.referral, task=task.id, provider=task.provider, event=watch.event
        )
        effects.announce(tasks_topic(task.provider), task.referral, asked)
    wait = patience.delivery if watch.awaited == "delivery" else patience.write_back
    times = watch.times + 1
    due = at + timedelta(seconds=wait * 2**times)
    effects.changed[task.id] = replace(task, watch=replace(watch, due=due, times=times))
    return (watch.event,)
