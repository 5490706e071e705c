"""Tasks as their readers get them: each read is written down, and the permission is asked at each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from referral_contracts.errors import refuse

from outcome_collector.domain.task import Task
from outcome_collector.domain.task_search import Search
from outcome_collector.domain.task_views import shown, shown_to_referrer
from outcome_collector.ports import Access, Author, Found, StoredVersion, Unit
from outcome_collector.use_cases.record_outcome import may_see


async def read_task(unit: Unit, task_id: str, reader: Author, at: datetime) -> StoredVersion:
    """The newest version. Raises `not-found`, for a stranger too."""
    task, version = await _allowed(unit, task_id, reader)
    await _audit(unit, task, reader, at, "read", version.version)
    [seen] = await _seen(unit, task, reader, [version], at)
    return seen


async def read_version(unit: Unit, task_id: str, version: int, reader: Author, at: datetime) -> StoredVersion:
    """One version of the Task's history. Raises `not-found`, for a stranger too."""
    task, _ = await _allowed(unit, task_id, reader)
    found = await unit.reader.version(task_id, version)
    if found is None:
        raise refuse("not-found")
    await _audit(unit, task, reader, at, "vread", version)
    [seen] = await _seen(unit, task, reader, [found], at)
    return seen


async def read_history(unit: Unit, task_id: str, reader: Author, at: datetime) -> Sequence[StoredVersion]:
    """All versions, the newest first. Raises `not-found`, for a stranger too."""
    task, _ = await _allowed(unit, task_id, reader)
    await _audit(unit, task, reader, at, "history", None)
    return await _seen(unit, task, reader, await unit.reader.history(task_id), at)


async def _seen(
    unit: Unit, task: Task, reader: Author, versions: Sequence[StoredVersion], at: datetime
) -> Sequence[StoredVersion]:
    """`versions` of `task` as far as `reader` may have them at `at`."""
    if a := await _task_a(unit, task, reader):
        withheld = not a.permits(at)
        shown_ones = [(one, shown_to_referrer(a, one.document, at)) for one in versions]
    else:
        withheld = not task.permits(at)
        shown_ones = [(one, shown(task, one.document, at)) for one in versions]
    return [replace(one, document=document, withheld=withheld) for one, document in shown_ones]


async def _task_a(unit: Unit, task: Task, reader: Author) -> Task | None:
    """Task A, whose permission decides what its referrer has of a wish to stop; None for all else."""
    if task.kind != "stop" or reader.kind != "ehr":
        return None
    found = await unit.reader.current(task.referral)
    return found[0] if found else None


async def _allowed(unit: Unit, task_id: str, reader: Author) -> tuple[Task, StoredVersion]:
    found = await unit.reader.current(task_id)
    if found is None or not may_see(found[0], reader):
        # What is somebody else's does not exist, in the same words as for an id that nobody has.
        raise refuse("not-found")
    return found


async def _audit(
    unit: Unit,
    task: Task,
    reader: Author,
    at: datetime,
    action: Literal["read", "vread", "history"],
    version: int | None,
) -> None:
    access = Access(reader, action, f"Task/{task.id}", task.referral, at, version)
    await unit.audit.record([access])


async def search_tasks(unit: Unit, search: Search, reader: Author, at: datetime) -> Found:
    """A page of the Tasks that `reader` may see; each of them counts as read."""
    found = await unit.reader.search(search, reader, at)
    await unit.audit.record(
        [Access(reader, "search", f"Task/{task.id}", task.referral, at, task.version) for task in found.tasks]
    )
    return replace(found, tasks=tuple([await _shown(unit, task, reader, at) for task in found.tasks]))


async def _shown(unit: Unit, task: Task, reader: Author, at: datetime) -> Task:
    a = await _task_a(unit, task, reader)
    document = shown_to_referrer(a, task.document, at) if a else shown(task, task.document, at)
    return task if document is task.document else replace(task, document=document)
