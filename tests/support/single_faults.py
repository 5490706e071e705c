"""One resource for each thing that a profile demands, good but for that one thing, and where the fault is."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from referral_contracts import systems
from support.broken_rules import BROKEN
from support.example_resources import profiled
from support.profile_demands import STRUCTURES, Demand

Resource = dict[str, Any]
_URL = f"{systems.CANONICAL}/StructureDefinition/"
_OTHER_CODES = {
    "Task.status": "draft",
    "Endpoint.connectionType": "direct-project",
    "AuditEvent.type": "object",
    "AuditEvent.subtype": "create",
}
_OTHER_TYPES = {
    "ServiceRequest.subject": "Group",
    "ServiceRequest.requester": "Practitioner",
    "ServiceRequest.performer": "Practitioner",
    "ServiceRequest.basedOn": "CarePlan",
    "Consent.performer": "Organization",
    "Task.owner": "Practitioner",
}
"""A type that R4 allows there and the profile does not; elsewhere any type will do."""
_VALUES: Mapping[str, Any] = {
    "boolean": True,
    "integer": 3,
    "code": "ehr",
    "CodeableConcept": {"coding": [{"system": "urn:x", "code": "x"}], "text": "Asiakkaan toive"},
    "Coding": {"system": "urn:x", "code": "x"},
    "string": "x",
}
_SOMETHING = {"extension": [{"url": "urn:x", "valueBoolean": True}]}
"""What keeps an object from being empty, which would be a fault of its own."""
_FORBIDDEN: Mapping[str, Any] = {
    "detail": [{"type": "x", "valueString": "x"}],
    "modifierExtension": [{"url": "urn:x", "valueBoolean": True}],
    "implicitRules": "urn:x",
}
"""What R4 takes where a profile takes nothing; elsewhere a list of one string."""
_BOUND = {"initiative": "client", "routing-input": "age"}


@dataclass(frozen=True)
class Fault:
    """A spoilt resource, the profile that it is held against, and the FHIRPath of the place that is wrong
    (empty for an invariant, whose place is the profile's to choose)."""

    resource: Resource
    profile: str
    place: str


def fault(demand: Demand) -> Fault:
    """The one fault that breaks `demand`. Raises LookupError where no example can be spoilt so."""
    if demand.kind in BROKEN:
        return _rule(demand)
    if STRUCTURES[demand.profile]["type"] == "Extension":
        return _extension(demand)
    steps = demand.element.split(".")
    for good in _examples(demand.profile):
        resource = copy.deepcopy(good)
        held = _holder(resource, steps)
        if held is not None and (place := _spoil(*held, steps[-1], demand)):
            return Fault(resource, demand.profile, place)
    raise LookupError(str(demand))


def _examples(profile: str) -> Iterator[Resource]:
    yield from profiled().get(profile, ())


def _holder(resource: Resource, steps: list[str]) -> tuple[Resource, str] | None:
    """The object that holds the last step's element, and its FHIRPath."""
    holder: Any = resource
    place = steps[0]
    for step in steps[1:-1]:
        if step not in holder:
            return None
        holder, place = holder[step], f"{place}.{step}"
        if isinstance(holder, list):
            holder, place = holder[0], f"{place}[0]"
    return holder, place


def _spoil(holder: Resource, above: str, step: str, demand: Demand) -> str | None:
    """Put the fault in; the place where it is, or None where the element is not there to be spoilt."""
    name, _, part = step.partition(":")
    place = f"{above}.{name}"
    if demand.kind == "max":
        return _too_many(holder, name, _url(demand) if name == "extension" else "", demand.told, place)
    if name not in holder:
        return None
    many = isinstance(holder[name], list)
    if part and demand.kind in {"min", "value", "target"}:
        holder[name] = [{"display": "jotakin muuta"} if name == "supportingInfo" else {"text": "muuta"}]
        return place
    if demand.kind == "min":
        if many and demand.told > 1:
            holder[name] = holder[name][: demand.told - 1]
        else:
            del holder[name]
            holder.pop(f"_{name}", None)
            holder.update({} if holder else _SOMETHING)
        return place
    value = _another(holder[name][0] if many else holder[name], demand)
    holder[name] = [value, *holder[name][1:]] if many else value
    return place if part or not many else f"{place}[0]"


def _another(value: Any, demand: Demand) -> Any:
    """A value that R4 takes in that place and the profile does not."""
    element = demand.element.partition(":")[0]
    if demand.kind == "target":
        return {"reference": f"{_OTHER_TYPES.get(element, 'Location')}/1", "display": "Tarja Testaaja"}
    if isinstance(value, str):
        return (
            _OTHER_CODES.get(element)
            or {
                "status": {"ServiceRequest": "revoked", "Consent": "inactive"}.get(element[:-7], "accepted"),
                "intent": "plan",
                "priority": "stat",
                "role": "derivation",
            }[element.rpartition(".")[2]]
        )
    if "coding" not in value:
        return {**value, "code": _OTHER_CODES[element]}
    coding = {"system": value["coding"][0]["system"], "code": "not-one-of-them"}
    return {"coding": [coding]} if demand.kind == "binding" else {"text": "jotakin muuta"}


def _too_many(holder: Resource, name: str, url: str, most: int, place: str) -> str | None:
    if url:
        holder["extension"] = [_extended(url)] * (most + 1)
    elif most == 0:
        holder[name] = copy.deepcopy(_FORBIDDEN.get(name, ["x"]))
    elif name == "performer" and name not in holder:
        holder[name] = [{"reference": "HealthcareService/kotka-liikuntaneuvonta"}] * (most + 1)
    elif name in holder:
        holder[name] = [*holder[name], *[copy.deepcopy(holder[name][-1])] * most]
    else:
        return None
    return place


def _url(demand: Demand) -> str:
    """The extension that an element of a profile is."""
    elements = STRUCTURES[demand.profile]["snapshot"]["element"]
    return next(one["type"][0]["profile"][0] for one in elements if one["id"] == demand.element)


def _extended(url: str, **content: Any) -> Resource:
    """An extension as it should be, but for `content`."""
    name = url.rpartition("/")[2]
    if url == systems.INTERPRETER_EXTENSION:
        return {"url": url, "valueBoolean": True}
    [value] = [one for one in STRUCTURES[name]["snapshot"]["element"] if one["id"] == "Extension.value[x]"]
    kind = value["type"][0]["code"]
    given = {f"value{kind[0].upper()}{kind[1:]}": _BOUND.get(name, copy.deepcopy(_VALUES[kind]))}
    return {"url": url, **(content or given)}


def _extension(demand: Demand) -> Fault:
    """The extension with its fault, in a good resource of the type where it may stand."""
    url = _URL + demand.profile
    context = STRUCTURES[demand.profile]["context"][0]["expression"]
    host = {"ServiceRequest": "lahetti-service-request", "Task.statusReason": "lahetti-task"}
    hosts = {"Organization": "lahetti-organization", "Provenance": "lahetti-routing-provenance", **host}
    profile = hosts[context]
    steps = [*context.split("."), "extension"]
    resource, held = next(
        (copied, held)
        for copied in map(copy.deepcopy, _examples(profile))
        if (held := _holder(copied, steps)) is not None
    )
    holder, place = held
    one = _extended(url)
    [name] = [key for key in one if key != "url"]
    place = f"{place}.extension[0]"
    match demand.element.removeprefix("Extension."), demand.kind:
        case "extension", "max":
            one["extension"], place = [{"url": "urn:x", "valueBoolean": True}], f"{place}.extension"
        case "value[x]", "min":
            one, place = {"url": url}, f"{place}.value"
        case "value[x]", "type":
            one, place = {"url": url, "valueUri": "urn:x"}, f"{place}.value"
        case "value[x]", "binding":
            one[name], place = "nobody", f"{place}.value"
        case inner, "min":
            del one[name][inner.rpartition(".")[2]]
            place = f"{place}.value.{inner.rpartition('.')[2]}"
    holder["extension"] = [one]
    return Fault(resource, profile, place)


def _rule(demand: Demand) -> Fault:
    _, spoil = BROKEN[demand.kind]
    for good in _examples(demand.profile):
        resource = copy.deepcopy(good)
        try:
            spoil(resource)
        except KeyError:
            continue
        if resource != good:
            return Fault(resource, demand.profile, "")
    raise LookupError(str(demand))
