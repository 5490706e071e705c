"""What a provider reads of a person under turvakielto: the name, and the phone agreed for contact."""

from collections.abc import Mapping, Sequence
from typing import Any

_KEPT = frozenset({"resourceType", "id", "meta", "name", "relationship"})


def name_and_phone(person: Mapping[str, Any]) -> dict[str, Any]:
    """A Patient or RelatedPerson without anything but name and phones, its contact persons likewise.

    Neither address, municipality, HETU nor birth date; no mail address, since it may name an employer.
    """
    view = _without_place(person)
    if contacts := person.get("contact"):
        view["contact"] = [_without_place(contact) for contact in contacts]
    return view


def _without_place(person: Mapping[str, Any]) -> dict[str, Any]:
    view = {name: content for name, content in person.items() if name in _KEPT}
    if phones := _phones(person.get("telecom", [])):
        view["telecom"] = phones
    return view


def _phones(telecom: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [contact for contact in telecom if contact.get("system") in {"phone", "sms"}]
