"""A referral's Bundle, spoiled in one thing."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from support.routes_attempts import MARK, Watch, good

Bundle = dict[str, Any]
Spoil = Callable[[Bundle], Any]
ROUTE = "POST /fhir"


def resource(bundle: Bundle, name: str) -> dict[str, Any]:
    """The first resource of a type."""
    return next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == name)


def entry(bundle: Bundle, name: str) -> dict[str, Any]:
    return next(one for one in bundle["entry"] if one["resource"]["resourceType"] == name)


def put(kind: str, /, **elements: Any) -> Spoil:
    """Set elements of the first resource of a type."""
    return lambda bundle: resource(bundle, kind).update(elements)


def drop(name: str, *elements: str) -> Spoil:
    return lambda bundle: [resource(bundle, name).pop(element) for element in elements]


def again(name: str) -> Spoil:
    """A second entry of a type, with an address of its own."""

    def spoil(bundle: Bundle) -> None:
        copied = deepcopy(entry(bundle, name))
        copied["fullUrl"] = "urn:uuid:01900000-0000-7000-8000-0000000000aa"
        bundle["entry"].append(copied)

    return spoil


def without(name: str) -> Spoil:
    return lambda bundle: bundle["entry"].remove(entry(bundle, name))


def other_entry(**elements: Any) -> Spoil:
    """One more entry."""
    whole = {"fullUrl": "urn:uuid:01900000-0000-7000-8000-0000000000ab", **elements}
    return lambda bundle: bundle["entry"].append(whole)


def posting(name: str) -> dict[str, str]:
    return {"method": "POST", "url": name}


def coded(system: str | None, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system or f"https://{MARK}.example", "code": code, "display": MARK}]}


def municipality(code: str) -> Spoil:
    def spoil(bundle: Bundle) -> None:
        extension = next(one for one in resource(bundle, "Patient")["extension"] if "valueCoding" in one)
        extension["valueCoding"] = {"system": extension["valueCoding"]["system"], "code": code}

    return spoil


def consent_ended(bundle: Bundle) -> None:
    resource(bundle, "Consent")["provision"]["period"] = {"end": "2020-01-01"}


def consent_for_others(bundle: Bundle) -> None:
    for rule in resource(bundle, "Consent")["provision"]["provision"]:
        rule["actor"][0]["reference"] = {"reference": f"Organization/{MARK}"}


def known(system: str) -> Callable[[Bundle], str]:
    """The system of a resource's first coding, so that only the code is wrong."""
    return lambda bundle: resource(bundle, "ServiceRequest")[system][0]["coding"][0]["system"]


def unknown_reason(bundle: Bundle) -> None:
    concept = coded(known("reasonCode")(bundle), MARK)
    resource(bundle, "ServiceRequest")["reasonCode"] = [concept]


def unknown_pathway(bundle: Bundle) -> None:
    resource(bundle, "ServiceRequest")["category"] = [coded(known("category")(bundle), MARK)]


async def refused(watch: Watch, spoil: Spoil, *statuses: int, **expected: Any) -> None:
    attempt = good(ROUTE, watch.world)
    bundle = attempt.body
    spoil(bundle)
    await watch.refused(attempt.saying(bundle), *statuses, **expected)
