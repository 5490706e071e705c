"""What the provider's page shows of one referral, made of the resources that the gateway let it read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel import Locale
from babel.core import UnknownLocaleError
from referral_contracts.fhir import consents, patients, service_requests
from referral_contracts.fhir.service_requests import Requester
from referral_contracts.progress import PROGRESS, Progress
from referral_contracts.status_reasons import STATUS_REASONS, StatusReason, reasons_for
from referral_contracts.systems import REFERRAL_REASON

from outcome_collector.domain.task_state import TaskState
from outcome_collector.entrypoints.page.texts import Language

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CallCard:
    """Whom to call: the client, or the guardian who gave the permission (D1, D4)."""

    name: str
    phones: tuple[str, ...]
    guardian: bool
    client_name: str
    language: str | None
    interpreter: bool


@dataclass(frozen=True, slots=True)
class PageView:
    """One referral for its provider. `contact` is None once nothing is left to do for the client."""

    version: int
    status: str
    reason: str | None
    progress: str | None
    protected: bool
    contact: CallCard | None
    contact_by: date | None
    notes: tuple[str, ...]
    reasons: tuple[str, ...]
    referrer: Requester
    attempts: Sequence[datetime]
    actions: frozenset[str]


def call_card(patient: Json, consent: Json, language: Language) -> CallCard | None:
    """Whom to call first, the language to speak named in the page's `language`; None without a number."""
    people = patients.whom_to_call(patient, guardian_gave=not consents.giver(consent).is_client)
    if not people:
        return None
    client_name = patients.display_name(patient)
    first = people[0]
    return CallCard(
        name=first.name,
        phones=first.phones,
        guardian=first.name != client_name and bool(first.relationships),
        client_name=client_name,
        language=spoken_language(patients.language(patient), language),
        interpreter=patients.interpreter_required(patient),
    )


def spoken_language(code: str | None, shown_in: Language) -> str | None:
    """The name of language `code` in the page's language; the code itself where nobody knows a name."""
    if code is None:
        return None
    try:
        return Locale.parse(code, sep="-").get_display_name(shown_in) or code
    except (UnknownLocaleError, ValueError):
        return code


def reason_words(
    request: Json, designations: Mapping[str, Mapping[str, str]], language: Language
) -> tuple[str, ...]:
    """The reasons of the referral in words: the county's designation in `language`, else what the EHR wrote."""
    words: list[str] = []
    for concept in request.get("reasonCode", []):
        ours = next((c for c in concept.get("coding", []) if c.get("system") == REFERRAL_REASON), {})
        known = designations.get(ours.get("code", ""), {}).get(language)
        free = concept.get("text")
        shown = known or ours.get("display") or free or ours.get("code")
        if shown:
            words.append(f"{shown}: {free}" if known and free and free != shown else shown)
    return tuple(words)


def actions(state: TaskState) -> frozenset[str]:
    """Which forms the page of a Task in `state` offers; the state machine decides when one is sent."""
    if not state.is_open:
        return frozenset()
    if state.status == "requested":
        return frozenset({"attempt", "accept", "end"})
    started = {"start"} if state.status != "in-progress" else set[str]()
    return frozenset({"attempt", "complete", "end", *started})


def end_reasons(state: TaskState, language: Language) -> tuple[tuple[str, str], ...]:
    """(code, words) of the reasons with which the provider may end a Task in `state`."""
    usable = reasons_for(
        "provider", "failed" if state.was_accepted else "rejected", accepted=state.was_accepted
    )
    return tuple((reason.code, _words(reason, language)) for reason in usable)


def reason_text(code: str | None, language: Language) -> str | None:
    """The words of a status reason in `language`."""
    reason = STATUS_REASONS.get(code or "")
    return None if reason is None else _words(reason, language)


def progress_text(code: str | None, language: Language) -> str | None:
    """The words of a business status in `language`."""
    progress = PROGRESS.get(code or "")
    return None if progress is None else _words(progress, language)


def view(
    *,
    state: TaskState,
    version: int,
    contact_by: date | None,
    documents: Sequence[Json] | None,
    attempts: Sequence[datetime],
    designations: Mapping[str, Mapping[str, str]],
    language: Language,
) -> PageView:
    """The page of a Task. `documents`: ServiceRequest, Patient, Consent, or None where they may not be shown."""
    request, patient, consent = documents or ({}, {}, {})
    return PageView(
        version=version,
        status=state.status,
        reason=reason_text(state.reason, language),
        progress=progress_text(state.progress, language) if state.is_open else None,
        protected=patients.is_protected(patient),
        contact=call_card(patient, consent, language) if documents else None,
        contact_by=contact_by if state.is_open else None,
        notes=service_requests.notes(request),
        reasons=reason_words(request, designations, language),
        referrer=service_requests.requester(request),
        attempts=attempts,
        actions=actions(state),
    )


def _words(concept: StatusReason | Progress, language: Language) -> str:
    words = {"fi": concept.fi, "sv": concept.sv, "en": concept.en}[language]
    return words[:1].upper() + words[1:]
