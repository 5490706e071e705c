"""Tasks as their readers get them: each read is written down, and the permission is asked at each."""

from collections.abc import Mapping, Sequence
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
    a = (await _above(unit, [task], reader)).get(task.id)
    withheld = not (a or task).permits(at)
    return [replace(one, document=_view(task, a, one.document, at), withheld=withheld) for one in versions]


def _view(task: Task, a: Task | None, document: bytes, at: datetime) -> bytes:
    return shown_to_referrer(a, document, at) if a else shown(task, document, at)


async def _above(unit: Unit, tasks: Sequence[Task], reader: Author) -> Mapping[str, Task]:
    """By wish to stop among `tasks`, the Task A whose permission decides what its referrer has of it; none
    for all else."""
    wishes = [task for task in tasks if task.kind == "stop"] if reader.kind == "ehr" else []
    known = await unit.reader.tasks_a([task.referral for task in wishes]) if wishes else {}
    return {task.id: known[task.referral] for task in wishes if task.referral in known}


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
    above = await _above(unit, found.tasks, reader)
    return replace(found, tasks=tuple(_shown(task, above.get(task.id), at) for task in found.tasks))


def _shown(task: Task, a: Task | None, at: datetime) -> Task:
    document = _view(task, a, task.document, at)
    return task if document is task.document else replace(task, document=document)
