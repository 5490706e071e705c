"""Tasks to rows and back."""

from collections.abc import Mapping
from typing import Any

from service_runtime.database.statements import table_of

from outcome_collector.adapters.tables import Resource
from outcome_collector.adapters.tables import Task as TaskRow
from outcome_collector.domain.task import Deadlines, Task, Watch
from outcome_collector.domain.task_state import TaskState
from outcome_collector.ports import Author

TASKS = table_of(TaskRow)
RESOURCES = table_of(Resource)

# The number of the transaction that writes, which readers compare with their snapshot; SQLite has one writer.
WRITTEN = {
    "postgresql": (("written_xid", "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"),),
    "sqlite": (("written_xid", "0"),),
}


def task_of(row: Mapping[Any, Any]) -> Task:
    """A row of TASKS."""
    deadlines = Deadlines(row["accept_by"], row["contact_by"], row["remind_at"]) if row["accept_by"] else None
    watch = (
        Watch(row["watch_event"], row["watch_for"], row["watch_due"], row["watch_times"])
        if row["watch_event"]
        else None
    )
    return Task(
        id=row["id"],
        kind=row["kind"],
        referral=row["referral"],
        client=row["client"],
        version=row["version"],
        state=TaskState(
            row["status"],
            row["reason"],
            row["progress"],
            row["was_accepted"],
            row["was_in_progress"],
            row["contact_attempts"],
        ),
        document=row["document"],
        last_updated=row["last_updated"],
        test=row["test"],
        protected=row["protected"],
        urgent=row["urgent"],
        focus=row["focus"],
        service_request=row["service_request"],
        provider=row["provider"],
        deadlines=deadlines,
        reroute=row["reroute"],
        watch=watch,
        sequence=row["sequence"],
        mode=row["mode"],
        ehr_task=row["ehr_task"],
        return_permitted=row["return_permitted"],
        permitted_until=row["permitted_until"],
        closed_at=row["closed_at"],
    )


def changing_values(task: Task) -> Mapping[str, Any]:
    """The id and the columns that change in a Task's life, without `written_xid`: a change that readers do
    not see leaves it, so that a poll keeps the version in sight."""
    state, watch = task.state, task.watch
    return {
        "id": task.id,
        "version": task.version,
        "document": task.document,
        "status": state.status,
        "reason": state.reason,
        "progress": state.progress,
        "was_accepted": state.was_accepted,
        "was_in_progress": state.was_in_progress,
        "contact_attempts": state.contact_attempts,
        "last_updated": task.last_updated,
        "reroute": task.reroute,
        "watch_event": watch.event if watch else None,
        "watch_for": watch.awaited if watch else None,
        "watch_due": watch.due if watch else None,
        "watch_times": watch.times if watch else 0,
        "sequence": task.sequence,
        "return_permitted": task.return_permitted,
        "permitted_until": task.permitted_until,
        "closed_at": task.closed_at,
    }


def new_values(task: Task) -> Mapping[str, Any]:
    """All columns of a new Task."""
    deadlines = task.deadlines
    return {
        **changing_values(task),
        "kind": task.kind,
        "referral": task.referral,
        "client": task.client,
        "provider": task.provider,
        "service_request": task.service_request,
        "focus": task.focus,
        "test": task.test,
        "protected": task.protected,
        "urgent": task.urgent,
        "accept_by": deadlines.accept_by if deadlines else None,
        "contact_by": deadlines.contact_by if deadlines else None,
        "remind_at": deadlines.remind_at if deadlines else None,
        "mode": task.mode,
        "ehr_task": task.ehr_task,
    }


def version_values(task: Task, author: Author) -> Mapping[str, Any]:
    """The row of a Task's newest version."""
    return {
        "type": "Task",
        "id": task.id,
        "version": task.version,
        "body": task.document,
        "last_updated": task.last_updated,
        "author": f"{author.kind}/{author.client}",
    }
