"""A routed referral becomes Tasks: one for the provider, and at the first routing the one the referrer
follows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from referral_contracts.events import ReferralHeld, ReferralRouted, ReferralTold, TaskRequested
from service_runtime.ids import new_id

from outcome_collector.domain.mirror import rerouted
from outcome_collector.domain.task import Deadlines, ReferralTasks, Task, Watch
from outcome_collector.domain.task_documents import (
    Document,
    Written,
    dumped,
    instant,
    loaded,
    showing,
    task_a,
    task_b,
    to_millisecond,
)
from outcome_collector.domain.task_state import TaskState
from outcome_collector.ports import PLATFORM, Unit
from outcome_collector.use_cases.advance_task import Patience, show_on_a, versioned
from outcome_collector.use_cases.effects import Effects, write

_WAITS = {"person": "needs-attention", "place": "waitlisted"}


async def create_tasks(
    unit: Unit, routings: Sequence[ReferralRouted], *, county: str, at: datetime, patience: Patience
) -> None:
    """For each of `routings` (at most one a referral): Task B, and Task A (its id is the referral's) at the
    first;
    a later routing leaves Task A's status and marks it `rerouted`. A routing that has its Task changes
    nothing.

    Writes Tasks and versions, `task.requested` to the provider and `task.status-changed` to the gateway."""
    known = await unit.tasks.lock_referrals([routed.referral for routed in routings])
    effects = Effects()
    for routed in routings:
        _create(routed, known.get(routed.referral), county, to_millisecond(at), patience, effects)
    await write(unit, [effects], PLATFORM)


async def hold_task(unit: Unit, held: ReferralHeld, *, county: str, at: datetime) -> None:
    """Task A of a referral that a person has to place, or that waits for a place: nobody is asked, and the
    referrer sees what it waits for.

    Writes Task A, or what it waits for now, and its write-back in mode write. A referral that was placed, or
    has ended, changes nothing."""
    tasks = (await unit.tasks.lock_referrals([held.referral])).get(held.referral)
    at, effects, progress = to_millisecond(at), Effects(), _WAITS[held.waits_for]
    if tasks is not None:
        if not tasks.placed and tasks.a.state.is_open and tasks.a.permits(at):
            state = replace(tasks.a.state, progress=progress)
            show_on_a(tasks.a, state, loaded(tasks.a.document), at, effects)
            await write(unit, [effects], PLATFORM)
        return
    a = _new_a(held, county, at)
    if a.permits(at):
        state = TaskState(progress=progress)
        a = replace(a, state=state, document=dumped(showing(loaded(a.document), state, Written(1, at))))
        if a.mode == "write":
            effects.write_backs.append(a)
    effects.added.append(a)
    await write(unit, [effects], PLATFORM)


def _create(
    routed: ReferralRouted,
    tasks: ReferralTasks | None,
    county: str,
    at: datetime,
    patience: Patience,
    effects: Effects,
) -> None:
    if tasks is None:
        a = _new_a(routed, county, at)
        effects.added.append(a)
    elif not tasks.placed:
        a = _placed(tasks.a, routed, at, effects)
    elif tasks.routed_as(routed.service_request) is None:
        a = _rerouted(tasks, routed, at, effects)
    else:
        return
    b = _new_b(routed, at)
    notice = effects.notify(TaskRequested, b, b, a.sequence)
    effects.added.append(
        replace(b, watch=Watch(notice, "delivery", at + timedelta(seconds=patience.delivery)))
    )
    effects.status_changed(b)


def _placed(a: Task, routed: ReferralRouted, at: datetime, effects: Effects) -> Task:
    """Task A once what was held has its first provider: it no longer waits, and the promise of contact is
    this provider's."""
    a = replace(
        a,
        return_permitted=routed.return_permitted,
        permitted_until=routed.return_until,
        sequence=a.sequence + 1,
    )
    if a.state.is_open:
        document = loaded(a.document) | {"restriction": {"period": {"end": instant(routed.contact_by)}}}
        a = versioned(a, replace(a.state, progress=None), document, at)
        if a.mode == "write":
            effects.write_backs.append(a)
    effects.changed[a.id] = a
    return a


def _rerouted(tasks: ReferralTasks, routed: ReferralRouted, at: datetime, effects: Effects) -> Task:
    """Task A once a new provider has been found; the old one's Task is no longer waited for."""
    for old in tasks.bs[-1:]:
        effects.changed[old.id] = replace(old, watch=None)
    a = replace(
        tasks.a,
        return_permitted=routed.return_permitted,
        permitted_until=routed.return_until,
        sequence=tasks.a.sequence + 1,
    )
    state = rerouted(a.state, return_permitted=a.permits(at))
    a = show_on_a(a, state, loaded(a.document), at, effects)
    effects.changed[a.id] = a
    return a


def _new_a(routed: ReferralTold, county: str, at: datetime) -> Task:
    document = task_a(routed, county, at)
    return replace(
        _new(routed, document, at),
        kind="A",
        sequence=1,
        mode=routed.mode,
        ehr_task=routed.task_a,
        return_permitted=routed.return_permitted,
        permitted_until=routed.return_until,
    )


def _new_b(routed: ReferralRouted, at: datetime) -> Task:
    return replace(
        _new(routed, task_b(routed, new_id(), at), at),
        service_request=routed.service_request,
        provider=routed.provider,
        deadlines=Deadlines(routed.accept_by, routed.contact_by, routed.remind_at),
        permitted_until=routed.permitted_until,
    )


def _new(routed: ReferralTold, document: Document, at: datetime) -> Task:
    return Task(
        id=document["id"],
        kind="B",
        referral=routed.referral,
        client=routed.client,
        version=1,
        state=TaskState(),
        document=dumped(document),
        last_updated=at,
        test=routed.test,
        protected=routed.protected,
        urgent=routed.urgent,
        focus=document["focus"]["reference"],
    )
