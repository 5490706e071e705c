"""Gathers what a page shows, and shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from referral_contracts.errors import LahettiError
from starlette.responses import RedirectResponse, Response

from outcome_collector.domain.page_access import PageSession
from outcome_collector.domain.task import Task
from outcome_collector.entrypoints.page.door import Door, Visit
from outcome_collector.entrypoints.page.rendering import PAGE_HEADERS, page
from outcome_collector.entrypoints.page.reports import ACTIVITIES, MOST_COMMENT, REACHED
from outcome_collector.entrypoints.page.texts import Language, text
from outcome_collector.entrypoints.page.view import view
from outcome_collector.ports import Neighbour
from outcome_collector.use_cases.answer_on_page import wish_to_stop
from outcome_collector.use_cases.report_on_page import read_on_page

SEE_OTHER = 303
_PROBLEMS = {
    "pin-wrong": "error_pin",
    "pin-locked": "error_locked",
    "version-conflict": "error_changed",
    "task-ended": "error_changed",
    "illegal-move": "error_changed",
    "status-reason-required": "error_reason",
    "status-reason-unusable": "error_reason",
    "comment-required": "error_comment",
    "comment-too-long": "error_comment_length",
    "contact-attempts-required": "error_attempts",
}
_BY_COMMENT = frozenset({"comment-required", "comment-too-long"})


@dataclass(frozen=True, slots=True)
class Attempted:
    """A form that was sent and not taken: which one, what it said, and whether what was written is at fault.
    It is shown again as it was."""

    action: str = ""
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    by_comment: bool = False


@dataclass(frozen=True, slots=True)
class Showing:
    """Shows the door and the referral."""

    door: Door
    neighbour: Neighbour

    async def door_page(
        self,
        link_token: str,
        language: Language,
        *,
        status: int = 200,
        error: str | None = None,
        closed: bool = False,
    ) -> Response:
        """Says that a referral waits and asks for the PIN. Raises `link-unknown` or `link-closed`."""
        link = await self.door.link(link_token)
        async with self.door.units.write() as unit:
            found = await unit.reader.current(link.task)
        waits = found is not None and found[0].state.is_open
        return page(
            "pin",
            language,
            status=status,
            title="waiting" if waits else "title",
            who="waiting_for" if waits else "over_for",
            here=f"/p/{link_token}",
            link=link_token,
            organisation=await self.neighbour.organisation(link.provider),
            error=error,
            closed=closed,
            test=found[0].test if found else False,
        )

    async def referral_page(
        self,
        visit: Visit,
        language: Language,
        *,
        status: int = 200,
        error: str | None = None,
        tried: Attempted | None = None,
        saved: bool = False,
    ) -> Response:
        """The referral as its provider may see it now."""
        now = self.door.clock.now()
        async with self.door.units.write() as unit:
            task, _ = await read_on_page(unit, visit.session, now)
            attempts = await unit.pages.contact_attempts(task.id)
            stop = await wish_to_stop(unit, visit.session, now)
        permitted = task.permits(now)
        documents = await self._documents(visit.session, task) if permitted else None
        shown = view(
            task=task,
            documents=documents,
            attempts=attempts if permitted else (),
            designations=await self.neighbour.reason_words() if documents else {},
            stop=stop,
            at=now,
            language=language,
        )
        return page(
            "referral",
            language,
            status=status,
            here=f"/p/{visit.link_token}/referral",
            link=visit.link_token,
            form_token=visit.form_token,
            until=visit.session.expires_at,
            view=shown,
            reached=tuple(REACHED),
            activities=ACTIVITIES,
            most_comment=MOST_COMMENT,
            attempted=tried or Attempted(),
            error=error,
            saved=saved,
            test=task.test,
        )

    async def _documents(self, session: PageSession, task: Task) -> Sequence[Mapping[str, Any]] | None:
        """What the gateway lets the provider read now; of an ended Task nothing is asked."""
        if not task.state.is_open or task.service_request is None:
            return None
        return await self.neighbour.documents(session, task.service_request, task.referral)


def words_of(refused: LahettiError, language: Language) -> str:
    """What the page says of a refusal, for people; what none of our forms can cause gets one text."""
    issue = refused.issues[0]
    return text(_PROBLEMS.get(issue.slug, "error_form"), language, **issue.params)


def attempted(action: str, fields: Mapping[str, str], refused: LahettiError) -> Attempted:
    """The form `action` that was refused."""
    return Attempted(action, fields, refused.issues[0].slug in _BY_COMMENT)


def to_referral(link_token: str, language: Language, more: str = "") -> RedirectResponse:
    """On to the referral, in the same language."""
    return RedirectResponse(f"/p/{link_token}/referral?lang={language}{more}", SEE_OTHER, PAGE_HEADERS)


def to_door(link_token: str, language: Language, more: str = "") -> RedirectResponse:
    """Back to the door, in the same language."""
    return RedirectResponse(f"/p/{link_token}?lang={language}{more}", SEE_OTHER, PAGE_HEADERS)
