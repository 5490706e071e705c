"""What a ServiceRequest asks for, of whom, and who asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from referral_contracts import systems
from referral_contracts.fhir.patients import phones
from referral_contracts.fhir.references import resolve


@dataclass(frozen=True, slots=True)
class Requester:
    """Who referred, as the provider sees it (D21). Empty strings and tuples where the request says
    nothing."""

    name: str
    unit: str
    phones: tuple[str, ...]


def pathways(request: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of `category` in the pathway system; a referral has one."""
    return _codes(request.get("category", []), systems.PATHWAY)


def reasons(request: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of `reasonCode` in the pathways' value sets; other codings beside them are left out."""
    return _codes(request.get("reasonCode", []), systems.REFERRAL_REASON)


def identifier(request: Mapping[str, Any]) -> tuple[str, str] | None:
    """(system, value) of the referral: the placer's (type PLAC) if one is marked so, else the first whole
    one."""
    whole = [one for one in request.get("identifier", []) if one.get("system") and one.get("value")]
    marked = [one for one in whole if "PLAC" in _codes([one.get("type", {})])]
    chosen = (marked or whole or [None])[0]
    return None if chosen is None else (chosen["system"], chosen["value"])


def chosen_service(request: Mapping[str, Any]) -> str | None:
    """The id of the HealthcareService that the professional chose, if one."""
    for performer in request.get("performer", []):
        kind, _, name = performer.get("reference", "").partition("/")
        if kind == "HealthcareService" and name:
            return name
    return None


def is_urgent(request: Mapping[str, Any]) -> bool:
    """Whether the referral goes by the urgent clocks: any priority above routine."""
    return request.get("priority", "routine") != "routine"


def notes(request: Mapping[str, Any]) -> tuple[str, ...]:
    """How and when to call, in the referrer's words."""
    return tuple(note["text"] for note in request.get("note", []) if "text" in note)


def requester(request: Mapping[str, Any], bundle: Mapping[str, Any] | None = None) -> Requester:
    """Who referred: a resource contained or in `bundle`, or a logical reference with its display."""
    reference = request.get("requester", {})
    resource = referenced(reference.get("reference", ""), request, bundle)
    if resource is None:
        return Requester(reference.get("display", ""), "", ())
    # What is contained beside it belongs to the request, which may be the one that contains it.
    holder = {"contained": [*resource.get("contained", []), *request.get("contained", [])]}
    match resource.get("resourceType"):
        case "PractitionerRole":
            return Requester(
                _display(resource.get("practitioner", {}), holder, bundle) or reference.get("display", ""),
                _display(resource.get("organization", {}), holder, bundle),
                phones(resource),
            )
        case "Organization":
            return Requester(reference.get("display", ""), resource.get("name", ""), phones(resource))
        case _:
            return Requester(reference.get("display", "") or _name(resource), "", phones(resource))


def referenced(
    reference: str, container: Mapping[str, Any], bundle: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """The resource that `reference`, standing in `container`, points to: contained there, or an entry."""
    for contained in container.get("contained", []):
        if reference == f"#{contained.get('id')}":
            return contained
    return None if bundle is None else resolve(bundle, reference)


def _display(
    reference: Mapping[str, Any], container: Mapping[str, Any], bundle: Mapping[str, Any] | None
) -> str:
    if "display" in reference:
        return reference["display"]
    resource = referenced(reference.get("reference", ""), container, bundle)
    return "" if resource is None else _name(resource)


def _name(resource: Mapping[str, Any]) -> str:
    name = resource.get("name", "")
    if isinstance(name, str):
        return name
    first = name[0] if name else {}
    return " ".join((*first.get("given", []), first.get("family", ""))).strip() or first.get("text", "")


def _codes(concepts: list[Mapping[str, Any]], system: str | None = None) -> tuple[str, ...]:
    return tuple(
        coding["code"]
        for concept in concepts
        for coding in concept.get("coding", [])
        if "code" in coding and (system is None or coding.get("system") == system)
    )
