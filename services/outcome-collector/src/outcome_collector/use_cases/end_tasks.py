"""What ends a referral's Tasks from the gateway's side: a withdrawn permission, a revoked request, no
provider left."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from outcome_collector.domain.mirror import mirror
from outcome_collector.domain.returned import carried_to_a
from outcome_collector.domain.task import ReferralTasks, Task
from outcome_collector.domain.task_documents import loaded
from outcome_collector.ports import PLATFORM, Revocation, Unit
from outcome_collector.use_cases.advance_task import Patience, show_on_a
from outcome_collector.use_cases.cancel_task import UNPLACED, Wish, cancel, cancel_held, usable_wish
from outcome_collector.use_cases.effects import Effects, write

Now = Callable[[], datetime]


async def withdraw(unit: Unit, referral: str, *, now: Now, patience: Patience) -> bool:
    """The client took the permission back: an open Task is cancelled at once, whatever its provider is
    doing; of an ended one too nobody reads more than the status from now on, neither the referrer nor a
    provider, and the links to its page are dead. False where the referral has no Task yet."""
    tasks = (await unit.tasks.lock_referrals([referral])).get(referral)
    if tasks is None:
        return False
    at = now()
    # Before anything is told: a notice says by its time that the permission behind it has ended.
    others = [replace(task, permitted_until=_ended(task, at)) for task in (*tasks.bs, *tasks.stops)]
    tasks = ReferralTasks.of([tasks.a, *others])
    wish = Wish("cancelled", "permission-withdrawn")
    effects = cancel_held(tasks, wish, at)
    if tasks.placed:
        effects, _ = cancel(tasks, tasks.newest, wish, "platform", at, patience)
    for task in tasks.all:
        current = effects.changed.get(task.id, task)
        until = _ended(task, at)
        effects.changed[task.id] = replace(current, return_permitted=False, permitted_until=until)
    await write(unit, [effects], PLATFORM)
    await unit.pages.close_links([referral], at)
    return True


async def plan_revocation(unit: Unit, referral: str, service_request: str, *, now: Now) -> bool:
    """The referrer revoked: its reason is not in the event, so a job reads it from the provider's request;
    where no provider was asked yet, Task A ends at once. False where there is no Task yet."""
    tasks = (await unit.tasks.lock_referrals([referral])).get(referral)
    if tasks is None:
        return False
    if not tasks.placed:
        await write(unit, [cancel_held(tasks, Wish("cancelled", "other", UNPLACED), now())], PLATFORM)
        return True
    await unit.revocations.plan(referral, service_request)
    return True


async def revoke(
    unit: Unit, referral: str, service_request: str, said: Revocation, *, now: Now, patience: Patience
) -> None:
    """Cancels the referral's Task with the reason that the referrer gave, or asks a provider that has
    started to
    stop. Marks the job done in the same transaction."""
    tasks = (await unit.tasks.lock_referrals([referral])).get(referral)
    if tasks is not None and (tasks.newest.state.is_open or tasks.a.state.is_open or _is_error(said, tasks)):
        wish = usable_wish(said.status, said.reason, said.comment)
        effects, _ = cancel(tasks, tasks.newest, wish, "referrer", now(), patience)
        await write(unit, [effects], PLATFORM)
    await unit.revocations.done(service_request)


async def end_unroutable(unit: Unit, referral: str, service_request: str, *, now: Now) -> bool:
    """No further provider will be tried: the end of that routing's Task becomes Task A's. False without a
    Task."""
    tasks = (await unit.tasks.lock_referrals([referral])).get(referral)
    b = tasks.routed_as(service_request) if tasks else None
    if tasks is None or b is None:
        return False
    effects = Effects()
    if b.id == tasks.newest.id and not b.state.is_open and tasks.a.state.is_open:
        a = tasks.a
        at = now()
        permitted = a.permits(at)
        state = mirror(a.state, b.state, return_permitted=permitted, reroute=b.reroute, last=True)
        carried = carried_to_a(
            loaded(a.document),
            loaded(b.document),
            return_permitted=permitted,
            routed_anew=len(tasks.bs) > 1,
        )
        show_on_a(a, state, carried, at, effects)
        effects.changed[b.id] = replace(b, watch=None)
    await write(unit, [effects], PLATFORM)
    return True


async def close(unit: Unit, referral: str, *, now: Now, page_days: float) -> None:
    """The referral has closed: the links to its pages end after `page_days`."""
    tasks = (await unit.tasks.lock_referrals([referral])).get(referral)
    if tasks is None or tasks.a.closed_at is not None:
        return
    at = now()
    effects = Effects()
    effects.changed[tasks.a.id] = replace(tasks.a, closed_at=at)
    await write(unit, [effects], PLATFORM)
    await unit.pages.close_links([referral], at + timedelta(days=page_days))


def _is_error(said: Revocation, tasks: ReferralTasks) -> bool:
    return said.status == "entered-in-error" and tasks.a.state.status != "entered-in-error"


def _ended(task: Task, at: datetime) -> datetime:
    """When the permission behind `task` ended, which is withdrawn at `at` unless it was over before."""
    return min(at, task.permitted_until) if task.permitted_until else at
