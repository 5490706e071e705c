"""On its page the provider sees the referrer's wish to stop what has started, and answers it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referral_contracts.errors import refuse

from outcome_collector.domain.page_access import PageSession
from outcome_collector.domain.task import Task
from outcome_collector.domain.task_documents import reason_concept
from outcome_collector.domain.task_search import OneOf, Search
from outcome_collector.ports import Access, Unit
from outcome_collector.use_cases.advance_task import Patience
from outcome_collector.use_cases.answer_stop import IN_WORDS
from outcome_collector.use_cases.record_outcome import Recorded, Report, record_outcome
from outcome_collector.use_cases.report_on_page import page_author

GOES_ON = "Palveluntuottaja jatkaa. / Producenten fortsätter. / The provider goes on."
"""What the page's button says in the place of the words that a system would give."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`version` is that of the wish as the page showed it; `agrees` cancels the Task it is about."""

    version: int
    agrees: bool


async def wish_to_stop(unit: Unit, session: PageSession, at: datetime) -> Task | None:
    """The unanswered stop Task about the session's Task, its reading written down."""
    author = page_author(session)
    search = Search((OneOf("focus", (f"Task/{session.task}",)), OneOf("status", ("requested",))), count=1)
    stop = next(iter((await unit.reader.search(search, author, at)).tasks), None)
    if stop is not None:
        await unit.audit.record([Access(author, "read", f"Task/{stop.id}", stop.referral, at, stop.version)])
    return stop


async def answer_on_page(
    unit: Unit, session: PageSession, answer: Answer, *, now: Callable[[], datetime], patience: Patience
) -> Recorded:
    """Answers the wish in the name of the session's provider, as a system's PATCH of the stop Task would.

    Raises `version-conflict` where there is no such wish any more, and what `record_outcome` raises."""
    stop = await wish_to_stop(unit, session, now())
    if stop is None:
        raise refuse("version-conflict")
    status = "accepted" if answer.agrees else "rejected"
    operations: list[dict[str, Any]] = [{"op": "replace", "path": "/status", "value": status}]
    if not answer.agrees:
        value = {**reason_concept(IN_WORDS), "text": GOES_ON}
        operations.append({"op": "add", "path": "/statusReason", "value": value})
    report = Report(stop.id, answer.version, operations, page_author(session))
    return await record_outcome(unit, report, now=now, patience=patience)
