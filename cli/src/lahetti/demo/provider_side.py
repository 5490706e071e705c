"""What providers do with a referral, and what is checked of how it reached them."""

from typing import Any

from lahetti.demo.case_run import CaseRun
from lahetti.demo.world import Referral
from lahetti.simulators.facts import until
from lahetti.simulators.provider import ProviderSimulator, Script
from lahetti.simulators.provider_task import ProviderTask


async def accept_start_complete(task: ProviderTask) -> None:
    """The good way."""
    await task.accept()
    await task.start()
    await task.complete()


async def accept(task: ProviderTask) -> None:
    """Accept, and wait."""
    await task.accept()


async def only_read(_: ProviderTask) -> None:
    """Read, and do nothing yet."""


def reject(reason: str) -> Script:
    """Reject for `reason` before accepting."""

    async def script(task: ProviderTask) -> None:
        await task.decline("rejected", reason)

    return script


def fail_after_acceptance(reason: str) -> Script:
    """Accept, then end as failed for `reason`."""

    async def script(task: ProviderTask) -> None:
        await task.accept()
        await task.decline("failed", reason)

    return script


async def until_status(
    run: CaseRun, provider: ProviderSimulator, referral: Referral, status: str
) -> ProviderTask:
    """Wait until the provider has moved the referral's Task to `status`; a refused move fails the case."""

    seen: str | None = None

    def look() -> ProviderTask | None:
        nonlocal seen
        task = provider.task_for(referral.id)
        if task is None:
            return None
        run.check(task.id not in provider.failures, provider.failures.get(task.id, ""))
        if task.status != seen:
            run.step("read by provider" if task.status == "requested" else task.status)
            seen = task.status
        return task if task.status == status else None

    task = await until(f"the provider's Task is {status}", look)
    run.task, run.status, run.reason = task.id, task.status, reason_code(task.resource)
    return task


def reason_code(task: dict[str, Any]) -> str | None:
    """The code of a Task's statusReason."""
    codings = task.get("statusReason", {}).get("coding", [])
    return codings[0]["code"] if codings else None


def check_notifications(run: CaseRun, provider: ProviderSimulator, task: str, events: int) -> None:
    """All were signed; `events` distinct ones, each taken once and in order of their numbers."""
    lines = provider.notifications(task)
    run.check(all(line.verified for line in lines), "every notification is signed by the platform")
    taken = [line for line in lines if line.answered < 300]
    ids = [line.webhook_id for line in taken]
    run.check(len(set(ids)) == events, f"{events} event(s) reach the provider, not {len(set(ids))}")
    run.check(len(ids) == len(set(ids)), "no event is delivered again once it was taken")
    numbers = [line.event_number or 0 for line in taken]
    run.check(numbers == sorted(set(numbers)), "events arrive in order")
