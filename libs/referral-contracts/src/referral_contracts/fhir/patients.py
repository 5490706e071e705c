"""What a referral needs of its Patient: whom to call, how old, from where, and with which protection."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from referral_contracts import systems
from referral_contracts.fhir import hetu as hetu_codes

_VERSIONED_MUNICIPALITY_CODES = f"{systems.MUNICIPALITY_CODES}."


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call: the client, or a contact with the codes of the relationship (MTH, GUARD…)."""

    name: str
    phones: tuple[str, ...]
    relationships: tuple[str, ...] = ()


def display_name(patient: Mapping[str, Any]) -> str:
    """The official name, else the first one, as "Given Family"; empty where there is none."""
    names = patient.get("name", [])
    return _spoken(next((name for name in names if name.get("use") == "official"), names[0] if names else {}))


def phones(person: Mapping[str, Any]) -> tuple[str, ...]:
    """The phone numbers (phone and sms) of a Patient or a contact, in the order in which `rank` prefers
    them."""
    numbers = [
        (point.get("rank", 99), point["value"])
        for point in person.get("telecom", [])
        if point.get("system") in {"phone", "sms"} and "value" in point and point.get("use") != "old"
    ]
    return tuple(value for _, value in sorted(numbers, key=lambda number: number[0]))


def contacts(patient: Mapping[str, Any]) -> tuple[Contact, ...]:
    """Patient.contact: guardians and others, those without a phone number left out."""
    return tuple(
        Contact(_spoken(contact.get("name", {})), phones(contact), _codes(contact.get("relationship", [])))
        for contact in patient.get("contact", [])
        if phones(contact)
    )


def whom_to_call(patient: Mapping[str, Any], *, guardian_gave: bool) -> tuple[Contact, ...]:
    """Whom the provider calls, the right one first (D1, D4).

    `guardian_gave`: the permission came from a RelatedPerson, who then is the one to call; the client's own
    number comes after.
    """
    client = Contact(display_name(patient), phones(patient))
    own = (client,) if client.phones else ()
    return (*contacts(patient), *own) if guardian_gave else (*own, *contacts(patient))


def age_on(patient: Mapping[str, Any], day: date) -> int | None:
    """Full years on `day`, or None without a birth date. Where only year or month is known, the younger
    age."""
    born = patient.get("birthDate")
    if born is None:
        return None
    year, month, day_of_month = map(
        int, (born + "-12-31"[len(born) - 10 :] if len(born) < 10 else born).split("-")
    )
    return day.year - year - ((day.month, day.day) < (month, day_of_month))


def municipality(patient: Mapping[str, Any]) -> str | None:
    """The three-digit code of the municipality of residence, from the Finnish base profile's extension."""
    for extension in patient.get("extension", []):
        if extension.get("url") == systems.MUNICIPALITY_EXTENSION:
            coding = extension.get("valueCoding", {})
            system = str(coding.get("system", ""))
            if system == systems.MUNICIPALITY_CODES or system.startswith(_VERSIONED_MUNICIPALITY_CODES):
                return coding.get("code")
    return None


def interpreter_required(patient: Mapping[str, Any]) -> bool:
    """Whether the provider should book an interpreter."""
    return any(
        extension.get("url") == systems.INTERPRETER_EXTENSION and extension.get("valueBoolean") is True
        for extension in patient.get("extension", [])
    )


def language(patient: Mapping[str, Any]) -> str | None:
    """The code of the language to speak: the preferred one, else the first."""
    spoken = patient.get("communication", [])
    best = next((one for one in spoken if one.get("preferred") is True), spoken[0] if spoken else {})
    codes = _codes([best.get("language", {})])
    return codes[0] if codes else None


def hetu(patient: Mapping[str, Any]) -> str | None:
    """The personal identity code if the Patient has a valid one."""
    for identifier in patient.get("identifier", []):
        if identifier.get("system") == systems.HETU and hetu_codes.is_valid(identifier.get("value", "")):
            return identifier["value"]
    return None


def is_protected(patient: Mapping[str, Any]) -> bool:
    """Whether the person is under turvakielto."""
    return _labelled(patient, systems.SECURITY_LABELS_FI, systems.PROTECTED)


def is_test(resource: Mapping[str, Any]) -> bool:
    """Whether the resource says that it is a test."""
    return _labelled(resource, systems.ACT_REASON, systems.TEST)


def _labelled(resource: Mapping[str, Any], system: str, code: str) -> bool:
    labels = resource.get("meta", {}).get("security", [])
    return any(label.get("system") == system and label.get("code") == code for label in labels)


def _spoken(name: Mapping[str, Any]) -> str:
    return " ".join((*name.get("given", []), name.get("family", ""))).strip() or name.get("text", "")


def _codes(concepts: list[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(
        coding["code"] for concept in concepts for coding in concept.get("coding", []) if "code" in coding
    )
