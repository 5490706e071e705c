"""What a person reports on the provider's page becomes the same change as a system's PATCH."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referral_contracts.errors import refuse

from outcome_collector.domain.page_access import PageSession
from outcome_collector.domain.task import Task
from outcome_collector.domain.task_documents import instant, loaded, progress_concept, reason_concept
from outcome_collector.ports import Access, Author, StoredVersion, Unit
from outcome_collector.use_cases.advance_task import Patience
from outcome_collector.use_cases.record_outcome import Recorded, Report, record_outcome


@dataclass(frozen=True, slots=True)
class PageReport:
    """One form. `version` is the Task's version that the page showed; codes are those of the two code
    systems, `results` are Task.output elements."""

    version: int
    status: str | None = None
    reason: str | None = None
    progress: str | None = None
    comment: str | None = None
    results: tuple[dict[str, Any], ...] = ()


async def report_on_page(
    unit: Unit, session: PageSession, report: PageReport, *, now: Callable[[], datetime], patience: Patience
) -> Recorded:
    """Records `report` on the session's Task in the name of its provider. A contact attempt is kept with
    its time.

    Raises what `record_outcome` raises, `version-conflict` included: the page then shows the Task as it is
    now."""
    found = await unit.reader.current(session.task)
    if found is None:
        raise refuse("not-found")
    operations = _operations(loaded(found[1].document), report, now())
    author = page_author(session)
    change = Report(session.task, report.version, operations, author)
    recorded = await record_outcome(unit, change, now=now, patience=patience)
    if report.progress == "contact-attempted":
        await unit.pages.add_contact_attempt(session.task, session.id, recorded.task.last_updated)
    return recorded


async def read_on_page(unit: Unit, session: PageSession, at: datetime) -> tuple[Task, StoredVersion]:
    """The session's Task, its reading written down. Raises `not-found`."""
    found = await unit.reader.current(session.task)
    if found is None:
        raise refuse("not-found")
    task, version = found
    access = Access(page_author(session), "read", f"Task/{task.id}", task.referral, at, version.version)
    await unit.audit.record([access])
    return task, version


def page_author(session: PageSession) -> Author:
    """The provider, with the session in which it acts."""
    return Author(session.provider, "provider", session.id)


def _operations(document: dict[str, Any], report: PageReport, at: datetime) -> list[dict[str, Any]]:
    operations: list[dict[str, Any]] = []
    if report.status is not None:
        operations.append({"op": "replace", "path": "/status", "value": report.status})
    if report.reason is not None:
        value = reason_concept(report.reason)
        operations.append({"op": "add", "path": "/statusReason", "value": value})
    if report.progress is not None:
        value = progress_concept(report.progress)
        operations.append({"op": "add", "path": "/businessStatus", "value": value})
    if report.comment:
        note = {"time": instant(at), "text": report.comment}
        operations.append(_appended(document, "note", [note]))
    if report.results:
        operations.append(_appended(document, "output", list(report.results)))
    return operations


def _appended(document: dict[str, Any], element: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"op": "add", "path": f"/{element}", "value": [*document.get(element, ()), *items]}
