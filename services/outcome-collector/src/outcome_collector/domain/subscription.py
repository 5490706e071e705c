"""A record system's Subscription: read strictly, shown without its secret
(Subscriptions R5 Backport for R4 1.1.0, backport-subscription)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from referral_contracts.errors import refuse
from referral_contracts.systems import BACKPORT, TASK_STATUS_TOPIC

from outcome_collector.domain.task_documents import instant

PROFILE = f"{BACKPORT}/StructureDefinition/backport-subscription"
PAYLOAD_CONTENT = f"{BACKPORT}/StructureDefinition/backport-payload-content"
FHIR_JSON = "application/fhir+json"
LONGEST_ADDRESS = 2000
LONGEST_REASON = 1000
_ID_ONLY = {"extension": [{"url": PAYLOAD_CONTENT, "valueCode": "id-only"}]}
_HEADER = re.compile(r"Authorization: ?([!-~](?:[ -~]{0,4000}[!-~])?)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_ELEMENTS = frozenset(
    {"resourceType", "id", "meta", "text", "status", "end", "reason", "criteria", "channel"}
)
_CHANNEL = frozenset({"type", "endpoint", "payload", "_payload", "header"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a record system asks for. `authorization` is the secret value of the header that notifications
    carry; `ends_at` is when they are to stop."""

    address: str
    reason: str
    authorization: str | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A Subscription as it stands. `last_number` is its newest event's number."""

    id: str
    client: str
    status: str
    address: str
    reason: str
    ends_at: datetime | None
    created_at: datetime
    changed_at: datetime
    last_number: int


def read_wish(document: Mapping[str, Any]) -> Wish:
    """The wish in a posted Subscription.

    Raises a refusal that names the place: `unknown-resource-type`, `required-element`, `invalid-value`, and
    `subscription-unusable` for whatever this server does not offer: it is refused rather than left unheeded.
    """
    if document.get("resourceType") != "Subscription":
        raise refuse("unknown-resource-type")
    _only(document, _ELEMENTS, "Subscription")
    _exactly(document, "status", "requested", "Subscription")
    _exactly(document, "criteria", TASK_STATUS_TOPIC, "Subscription")
    reason = _text(document, "reason", "Subscription", LONGEST_REASON)
    ends_at = _instant(document["end"]) if "end" in document else None
    if "channel" not in document:
        raise refuse("required-element", "Subscription.channel")
    channel: Any = document["channel"]
    if not isinstance(channel, dict):
        raise refuse("invalid-value", "Subscription.channel")
    return _with_channel(cast(dict[str, Any], channel), reason, ends_at)


def _with_channel(channel: dict[str, Any], reason: str, ends_at: datetime | None) -> Wish:
    place = "Subscription.channel"
    _only(channel, _CHANNEL, place)
    _exactly(channel, "type", "rest-hook", place)
    _exactly(channel, "payload", FHIR_JSON, place)
    if channel.get("_payload") != _ID_ONLY:
        expression = f"{place}.payload.extension('{PAYLOAD_CONTENT}')"
        raise refuse("subscription-unusable", expression, allowed="id-only")
    address = _text(channel, "endpoint", place, LONGEST_ADDRESS)
    return Wish(address, reason, _authorization(channel), ends_at)


def _authorization(channel: Mapping[str, Any]) -> str | None:
    if "header" not in channel:
        return None
    headers: Any = channel["header"]
    only: Any = cast(list[Any], headers)[0] if isinstance(headers, list) and headers else None
    found = _HEADER.fullmatch(only) if isinstance(only, str) and len(headers) == 1 else None
    if found is None:
        raise refuse("subscription-unusable", "Subscription.channel.header", allowed="Authorization: …")
    return found[1]


def _only(element: Mapping[str, Any], known: frozenset[str], place: str) -> None:
    for name in element:
        if name not in known:
            raise refuse("subscription-unusable", place, allowed=", ".join(sorted(known - {"resourceType"})))


def _text(element: Mapping[str, Any], name: str, place: str, longest: int) -> str:
    if name not in element:
        raise refuse("required-element", f"{place}.{name}")
    value: Any = element[name]
    if not isinstance(value, str) or not value.strip() or len(value) > longest or _CONTROL.search(value):
        raise refuse("invalid-value", f"{place}.{name}")
    return value


def _exactly(element: Mapping[str, Any], name: str, wanted: str, place: str) -> None:
    if name not in element:
        raise refuse("required-element", f"{place}.{name}")
    if element[name] != wanted:
        raise refuse("subscription-unusable", f"{place}.{name}", allowed=wanted)


def _instant(value: object) -> datetime:
    """A FHIR instant, in UTC. Raises `invalid-value`."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise refuse("invalid-value", "Subscription.end")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse("invalid-value", "Subscription.end") from None


def served(subscription: Subscription) -> dict[str, Any]:
    """The Subscription as its owner reads it; its header is never told again."""
    told: dict[str, Any] = {
        "resourceType": "Subscription",
        "id": subscription.id,
        "meta": {"lastUpdated": instant(subscription.changed_at), "profile": [PROFILE]},
        "status": subscription.status,
    }
    if subscription.ends_at is not None:
        told["end"] = instant(subscription.ends_at)
    told |= {
        "reason": subscription.reason,
        "criteria": TASK_STATUS_TOPIC,
        "channel": {
            "type": "rest-hook",
            "endpoint": subscription.address,
            "payload": FHIR_JSON,
            "_payload": _ID_ONLY,
        },
    }
    return told
