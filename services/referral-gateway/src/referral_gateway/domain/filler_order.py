"""ServiceRequest B: what one provider is asked, `basedOn` what the EHR asked for."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from referral_contracts import systems

from referral_gateway.domain.documents import Resource, stamped
from referral_gateway.domain.routing import Candidate

_COPIED = (
    "extension",
    "category",
    "priority",
    "code",
    "orderDetail",
    "subject",
    "occurrencePeriod",
    "occurrenceDateTime",
    "authoredOn",
    "requester",
    "reasonCode",
    "supportingInfo",
    "note",
    "patientInstruction",
)
_COURSE = frozenset({"occurrencePeriod", "locationCode"})
_NEVER_CONTAINED = frozenset({"Patient", "RelatedPerson"})


def filler_order(
    request: Mapping[str, Any],
    documents: Iterable[Mapping[str, Any]],
    candidate: Candidate,
    order_id: str,
    at: datetime,
) -> Resource:
    """The order `order_id` to the provider of `candidate`, made from A as it is served.

    `documents` are the referral's others; of these whoever referred is contained, so that the provider
    reads name, unit and number with the order itself (D21). It has no labels yet: see `labelled`.
    """
    contained = {
        f"#{one['id']}": one
        for one in request.get("contained", [])
        if one["resourceType"] not in _NEVER_CONTAINED
    }
    order: Resource = {name: request[name] for name in _COPIED if name in request}
    order["requester"] = _requester(order["requester"], documents, contained)
    order |= {
        "resourceType": "ServiceRequest",
        "meta": {},
        "status": "active",
        "intent": "filler-order",
        "basedOn": [{"reference": f"ServiceRequest/{request['id']}"}],
        "performer": _performer(candidate),
        "code": _code(order["code"], candidate),
    }
    order |= _course(candidate)
    if contained:
        order["contained"] = list(contained.values())
    return stamped(order, order_id, 1, at)


def labelled(order: Resource, *, test: bool, protected: bool) -> Resource:
    """`order` with the labels of its referral, wherever that carried them."""
    labels = [
        *([{"system": systems.ACT_REASON, "code": systems.TEST}] if test else []),
        *([{"system": systems.SECURITY_LABELS_FI, "code": systems.PROTECTED}] if protected else []),
    ]
    return order | {"meta": order["meta"] | {"security": labels}} if labels else order


def readdressed(order: Mapping[str, Any], candidate: Candidate, order_id: str, at: datetime) -> Resource:
    """The order to the next provider, made from the one before it: a new resource with the same request."""
    if "locationCode" in order:  # the course that it was for before
        order = {name: value for name, value in order.items() if name not in _COURSE}
    asked = {"status": "active", "performer": _performer(candidate), "code": _code(order["code"], candidate)}
    return stamped({**order, **asked, **_course(candidate)}, order_id, 1, at)


def _course(candidate: Candidate) -> Resource:
    """When and where the course is in which a place is held; nothing for any other service."""
    course = candidate.course
    if course is None:
        return {}
    period = {"start": course.starts.isoformat(), "end": course.ends.isoformat()}
    return {"occurrencePeriod": period, "locationCode": [{"text": course.where.fi}]}


def _code(asked: Mapping[str, Any], candidate: Candidate) -> Mapping[str, Any]:
    """What the provider is asked for: where the county's rules led to another kind of service, that kind."""
    kind = candidate.kind
    if kind is None or any(coding.get("code") == kind["code"] for coding in asked.get("coding", [])):
        return asked
    return {"coding": [kind]}


def _performer(candidate: Candidate) -> list[dict[str, str]]:
    return [
        {"reference": f"HealthcareService/{candidate.service}"},
        {"reference": f"Organization/{candidate.provider}"},
    ]


def _requester(
    reference: Mapping[str, Any], documents: Iterable[Mapping[str, Any]], contained: dict[str, Any]
) -> dict[str, Any]:
    """The reference to whoever referred, with that resource and what it names put into `contained`."""
    known = {f"{one['resourceType']}/{one['id']}": one for one in documents}
    return _contain(reference, known, contained)


def _contain(
    reference: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]], contained: dict[str, Any]
) -> dict[str, Any]:
    target = known.get(reference.get("reference", ""))
    if target is None:
        return dict(reference)
    name = f"#{target['resourceType'].lower()}"
    if name not in contained:
        copy: Resource = {key: value for key, value in target.items() if key != "meta"} | {"id": name[1:]}
        contained[name] = copy
        for link in ("practitioner", "organization"):
            if link in copy:
                copy[link] = _contain(copy[link], known, contained)
    return dict(reference) | {"reference": name}
