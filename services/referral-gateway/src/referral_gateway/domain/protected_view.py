"""What a provider reads of a person under turvakielto: the name, and the phone agreed for contact."""

from collections.abc import Mapping, Sequence
from typing import Any

from referral_contracts import systems

Resource = dict[str, Any]

_PEOPLE = frozenset({"Patient", "RelatedPerson"})
_PERSON = ("resourceType", "id", "meta", "relationship")
_NAME = ("use", "text", "family", "given")
_PHONE = ("system", "value", "use", "rank")
_CONSENT = (
    "resourceType",
    "id",
    "meta",
    "contained",
    "status",
    "scope",
    "category",
    "patient",
    "dateTime",
    "performer",
    "policyRule",
    "provision",
)
"""Neither a scanned form nor its address, nor who verified it where."""
_OF_THE_REFERRER = frozenset({"PractitionerRole", "Practitioner", "Organization"})
_PLACES = frozenset({"address", "location", "locationReference", "position", "birthDate"})


def protected_view(document: Mapping[str, Any]) -> Resource:
    """`document`, of whatever type, as the provider of a protected person's referral reads it.

    Of people the name and one phone each. Of everything else all but places, personal identity codes,
    municipalities and what points to the person by more than our own id: a place of anybody around the
    client, the unit that referred among them, may tell where the client lives."""
    if document.get("resourceType") in _PEOPLE:
        return name_and_phone(document)
    if document.get("resourceType") == "Consent":
        document = {name: document[name] for name in _CONSENT if name in document}
    return _without_places(document)


def name_and_phone(person: Mapping[str, Any]) -> Resource:
    """A Patient or RelatedPerson without anything but name and agreed phone, its contact persons likewise.

    Neither address, municipality, HETU nor birth date; no mail address, since it may name an employer. The
    phone agreed for contact is the one ranked first."""
    view = _person(person)
    if contacts := person.get("contact"):
        view["contact"] = [_person(contact) for contact in contacts]
    return view


def _person(person: Mapping[str, Any]) -> Resource:
    view = {name: person[name] for name in _PERSON if name in person}
    if name := person.get("name"):
        # A Patient has several names, its contact has one.
        view["name"] = [_kept(one, _NAME) for one in name] if isinstance(name, list) else _kept(name, _NAME)
    if phone := _agreed(person.get("telecom", [])):
        view["telecom"] = [phone]
    return view


def _agreed(telecom: Sequence[Mapping[str, Any]]) -> Resource | None:
    phones = [one for one in telecom if one.get("system") in {"phone", "sms"} and one.get("use") != "old"]
    return _kept(min(phones, key=lambda one: one.get("rank", 99)), _PHONE) if phones else None


def _kept(element: Mapping[str, Any], names: Sequence[str]) -> Resource:
    return {name: element[name] for name in names if name in element}


def _without_places(element: Any) -> Any:
    if isinstance(element, list):
        return [_without_places(one) for one in element if not _tells(one)]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(element, dict):
        return element
    content: Resource = element  # pyright: ignore[reportUnknownVariableType]
    if str(content.get("reference", "")).startswith("Patient/"):
        return {"reference": content["reference"]}
    return {
        name: _contained(value) if name == "contained" else _without_places(value)
        for name, value in content.items()
        if name not in _PLACES and not _tells(value)
    }


def _contained(resources: Sequence[Mapping[str, Any]]) -> list[Any]:
    """People as people are shown, whoever referred, and nothing else."""
    shown: list[Any] = []
    for one in resources:
        if one.get("resourceType") in _PEOPLE:
            shown.append(name_and_phone(one))
        elif one.get("resourceType") in _OF_THE_REFERRER:
            shown.append(_without_places(one))
    return shown


def _tells(element: Any) -> bool:
    """Whether this is a personal identity code or a municipality."""
    if not isinstance(element, dict):
        return False
    content: Resource = element  # pyright: ignore[reportUnknownVariableType]
    return content.get("system") == systems.HETU or content.get("url") == systems.MUNICIPALITY_EXTENSION
