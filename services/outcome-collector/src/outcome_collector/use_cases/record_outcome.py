"""What a provider reports on its Task, or the referrer on its own: one JSON Patch, one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from referral_contracts.errors import LahettiError, refuse

from outcome_collector.domain.task import OF_REFERRER, ReferralTasks, Task
from outcome_collector.domain.task_documents import Document, loaded
from outcome_collector.domain.task_moves import Refused, move
from outcome_collector.domain.task_patch import BY_PROVIDER, patched, wanted_change
from outcome_collector.domain.task_views import shown
from outcome_collector.ports import Access, Author, OneChange, Unit
from outcome_collector.use_cases.advance_task import Patience, advance
from outcome_collector.use_cases.answer_stop import answer_stop
from outcome_collector.use_cases.cancel_task import patch_task_a
from outcome_collector.use_cases.effects import Effects, write


@dataclass(frozen=True, slots=True)
class Report:
    """A change of Task `task`, made on its version `version` by `author`."""

    task: str
    version: int
    operations: list[dict[str, Any]]
    author: Author


Explanation = Literal["received-is-opened", "provider-is-asked-to-stop"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The Task as it now is, as far as its reporter may read it. `explanation` says where the status is not
    the one that was asked for, and why."""

    task: Task
    explanation: Explanation | None = None


async def record_outcome(
    unit: OneChange, report: Report, *, now: Callable[[], datetime], patience: Patience
) -> Recorded:
    """Applies `report` where its author may make it: a provider on a Task it owns, a record system on its
    Task A.

    Writes the new versions of all Tasks that change, the events, the write-back in mode write, and the
    audit row. `now` is asked once the referral's Tasks are known, so that times follow the order of changes.
    Raises `not-found` (what is somebody else's does not exist either), `caller-not-allowed` for a record
    system's answer to its own wish, `version-conflict`, or all that the state machine refuses; then nothing
    is written."""
    tasks = await unit.tasks.lock(report.task)
    task = tasks.task(report.task) if tasks else None
    if tasks is None or task is None or not may_see(task, report.author):
        raise refuse("not-found")
    if task.kind == "stop" and report.author.kind == "ehr":
        raise refuse("caller-not-allowed")  # it is the provider's to answer
    if task.version != report.version:
        raise refuse("version-conflict")
    at = now()
    effects, explanation = _decided(tasks, task, report, at, patience)
    recorded = effects.changed.get(task.id, task)
    access = Access(report.author, "update", f"Task/{task.id}", task.referral, at, recorded.version)
    await write(unit, [effects], report.author, [access])
    readable = replace(recorded, document=shown(recorded, recorded.document, at))
    return Recorded(readable, explanation)


async def task_to_change(unit: Unit, task: str, author: Author) -> Document:
    """Task `task` as it is, for making out what a patch means; told to nobody. Raises `not-found`."""
    found = await unit.reader.current(task)
    if found is None or not may_see(found[0], author):
        raise refuse("not-found")
    return loaded(found[0].document)


def may_see(task: Task, author: Author) -> bool:
    """A provider has the Tasks addressed to it, a record system Task A and the wishes to stop of its own
    referrals."""
    if author.kind == "provider":
        return task.provider == author.client
    return author.kind == "ehr" and task.kind in OF_REFERRER and task.client == author.client


def _decided(
    tasks: ReferralTasks, task: Task, report: Report, at: datetime, patience: Patience
) -> tuple[Effects, Explanation | None]:
    if task.kind == "A":
        effects, asked = patch_task_a(tasks, report.operations, at, patience)
        return effects, "provider-is-asked-to-stop" if asked else None
    if task.kind == "stop":
        return answer_stop(tasks, task, report.operations, at, patience), None
    before = loaded(task.document)
    after = patched(before, report.operations, BY_PROVIDER)
    change = wanted_change(before, after)
    moved = move(task.state, change, "provider")
    if isinstance(moved, Refused):
        raise LahettiError(*moved.issues)
    if after.document == before:
        return Effects(), None
    effects = advance(tasks, task, moved, after.document, "provider", at, patience)
    return effects, "received-is-opened" if change.status == "received" else None
