"""What the provider's page shows of one referral, made of the resources that the gateway let it read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from referral_contracts.fhir import service_requests
from referral_contracts.fhir.service_requests import Requester
from referral_contracts.progress import PROGRESS, Progress
from referral_contracts.status_reasons import STATUS_REASONS, StatusReason, reasons_for
from referral_contracts.systems import REFERRAL_REASON, STATUS_REASON

from outcome_collector.domain.task import Task
from outcome_collector.domain.task_documents import code_in, loaded
from outcome_collector.domain.task_state import TaskState
from outcome_collector.entrypoints.page.call_card import CallCard, Json, call_card
from outcome_collector.entrypoints.page.texts import Language

FINLAND = ZoneInfo("Europe/Helsinki")
_IN_TOUCH = frozenset({"contacted", "scheduled"})
_FOR_OTHERS = frozenset(
    {"delivered", "opened", "notification-delayed", "needs-attention", "cancellation-requested"}
)
"""What the provider itself knows, or reads elsewhere on the page."""


@dataclass(frozen=True, slots=True)
class ReasonChoice:
    """A reason that may be given now. `blocked`: it needs a contact attempt first."""

    code: str
    words: str
    comment_mandatory: bool
    blocked: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """The referrer's unanswered wish to stop what has started; `version` is its Task's."""

    version: int
    reason: str | None
    comments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageView:
    """One referral for its provider. `contact` is None once nothing is left to do for the client, and where
    the permission no longer holds (`permitted`)."""

    version: int
    status: str
    open: bool
    permitted: bool
    withdrawn: bool
    reason: str | None
    progress: str | None
    resumes: bool
    protected: bool
    urgent: bool
    contact: CallCard | None
    contact_by: datetime | None
    late: bool
    service: str | None
    told: str | None
    notes: tuple[str, ...]
    reasons: tuple[str, ...]
    referrer: Requester
    attempts: Sequence[datetime]
    actions: frozenset[str]
    end_reasons: tuple[ReasonChoice, ...]
    pause_reasons: tuple[ReasonChoice, ...]
    wish: Wish | None


def view(
    *,
    task: Task,
    documents: Sequence[Json] | None,
    attempts: Sequence[datetime],
    designations: Mapping[str, Mapping[str, str]],
    stop: Task | None,
    at: datetime,
    language: Language,
) -> PageView:
    """The page of `task`. `documents`: ServiceRequest, Patient, Consent, or None where they may not be shown;
    `stop`: the referrer's open wish to stop it."""
    request, patient, consent = documents or ({}, {}, {})
    state = task.state
    permitted = state.is_open and documents is not None
    due = contact_by(task)
    offered = actions(state) if permitted else frozenset[str]()
    return PageView(
        version=task.version,
        status=state.status,
        open=state.is_open,
        permitted=permitted,
        withdrawn=state.reason == "permission-withdrawn",
        reason=reason_text(state.reason, language),
        progress=progress_text(state.progress, language) if state.is_open else None,
        resumes=state.was_in_progress,
        protected=task.protected and state.is_open,
        urgent=task.urgent and state.is_open,
        contact=call_card(patient, consent, language, at.astimezone(FINLAND).date()) if permitted else None,
        contact_by=due,
        late=due is not None and at >= due,
        service=_words_of(request.get("code", {})),
        told=request.get("patientInstruction"),
        notes=service_requests.notes(request),
        reasons=reason_words(request, designations, language),
        referrer=service_requests.requester(request),
        attempts=attempts,
        actions=offered,
        end_reasons=_choices(state, "failed" if state.was_accepted else "rejected", language),
        pause_reasons=_choices(state, "on-hold", language) if "pause" in offered else (),
        wish=_wish(stop, language) if stop and permitted else None,
    )


def actions(state: TaskState) -> frozenset[str]:
    """Which forms the page of a Task in `state` offers; the state machine decides when one is sent."""
    if not state.is_open:
        return frozenset()
    if state.status == "requested":
        return frozenset({"attempt", "accept", "end"})
    offered = {"attempt", "complete", "end"}
    offered |= {"start"} if state.status != "in-progress" else set()
    offered |= {"pause"} if state.status != "on-hold" else set()
    return frozenset(offered)


def contact_by(task: Task) -> datetime | None:
    """Until when the client must have heard from the provider, in Finland's time; None once that is done."""
    waits = task.state.status in ("requested", "accepted") and task.state.progress not in _IN_TOUCH
    return task.deadlines.contact_by.astimezone(FINLAND) if task.deadlines and waits else None


def reason_words(
    request: Json, designations: Mapping[str, Mapping[str, str]], language: Language
) -> tuple[str, ...]:
    """The reasons of the referral: the county's designation in `language`, else what the EHR wrote."""
    words: list[str] = []
    for concept in request.get("reasonCode", []):
        ours = next((c for c in concept.get("coding", []) if c.get("system") == REFERRAL_REASON), {})
        known = designations.get(ours.get("code", ""), {}).get(language)
        free = concept.get("text")
        shown = known or ours.get("display") or free or ours.get("code")
        if shown:
            words.append(f"{shown}: {free}" if known and free and free != shown else shown)
    return tuple(words)


def reason_text(code: str | None, language: Language) -> str | None:
    """The words of a status reason in `language`."""
    reason = STATUS_REASONS.get(code or "")
    return None if reason is None else _words(reason, language)


def progress_text(code: str | None, language: Language) -> str | None:
    """The words of a business status in `language`, where it tells the provider something."""
    progress = PROGRESS.get(code or "")
    return None if progress is None or progress.code in _FOR_OTHERS else _words(progress, language)


def _choices(state: TaskState, status: str, language: Language) -> tuple[ReasonChoice, ...]:
    """The reasons with which the provider may lead a Task in `state` to `status`."""
    return tuple(
        ReasonChoice(
            reason.code,
            _words(reason, language),
            reason.comment_mandatory,
            reason.needs_contact_attempts and state.contact_attempts < 1,
        )
        for reason in reasons_for("provider", status, accepted=state.was_accepted)
    )


def _wish(stop: Task, language: Language) -> Wish:
    document: dict[str, Any] = loaded(stop.document)
    return Wish(
        stop.version,
        reason_text(code_in(document.get("reasonCode"), STATUS_REASON), language),
        tuple(note["text"] for note in document.get("note", ()) if "text" in note),
    )


def _words_of(concept: Json) -> str | None:
    displays = [coding["display"] for coding in concept.get("coding", []) if "display" in coding]
    return concept.get("text") or next(iter(displays), None)


def _words(concept: StatusReason | Progress, language: Language) -> str:
    words = {"fi": concept.fi, "sv": concept.sv, "en": concept.en}[language]
    return words[:1].upper() + words[1:]
