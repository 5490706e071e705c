"""Whom to call, and what to know before the call (D1, D4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from babel import Locale
from babel.core import UnknownLocaleError
from referral_contracts.fhir import consents, patients
from referral_contracts.fhir.patients import Contact

from outcome_collector.entrypoints.page.texts import Language

Json = Mapping[str, Any]
Role = Literal["client", "guardian", "contact"]
FULL_AGE = 18


@dataclass(frozen=True, slots=True)
class CallCard:
    """The one to call first; `others` come after. `client_name` is whom the referral is about."""

    name: str
    phones: tuple[str, ...]
    role: Role
    client_name: str
    child: bool
    language: str | None
    interpreter: bool
    others: tuple[Contact, ...] = ()


def call_card(patient: Json, consent: Json, language: Language, today: date) -> CallCard | None:
    """Whom to call first, the language to speak named in the page's `language`; None without a number.

    The guardian of a child who gave the permission comes first; of a person under turvakielto no age is
    known, and who gave the permission decides."""
    client_gave = consents.giver(consent).is_client
    people = patients.whom_to_call(patient, guardian_gave=not client_gave)
    if not people:
        return None
    age = patients.age_on(patient, today)
    first, *others = people
    return CallCard(
        name=first.name,
        phones=first.phones,
        role=_role(first, patient, guarded=not client_gave and (age is None or age < FULL_AGE)),
        client_name=patients.display_name(patient),
        child=age is not None and age < FULL_AGE,
        language=spoken_language(patients.language(patient), language),
        interpreter=patients.interpreter_required(patient),
        others=tuple(others),
    )


def spoken_language(code: str | None, shown_in: Language) -> str | None:
    """The name of language `code` in the page's language; the code itself where nobody knows a name."""
    if code is None:
        return None
    try:
        return Locale.parse(code, sep="-").get_display_name(shown_in) or code
    except (UnknownLocaleError, ValueError):
        return code


def _role(first: Contact, patient: Json, *, guarded: bool) -> Role:
    if first == Contact(patients.display_name(patient), patients.phones(patient)):
        return "client"
    return "guardian" if guarded else "contact"
