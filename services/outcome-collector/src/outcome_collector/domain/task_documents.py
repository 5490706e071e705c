"""Tasks as FHIR R4 resources: how the three kinds are made, and how a change shows in them.

Documents are plain dictionaries: they are ours from the first byte, so nothing has to be validated twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from referral_contracts.events import ReferralRouted, ReferralTold
from referral_contracts.progress import PROGRESS, Progress
from referral_contracts.status_reasons import STATUS_REASONS, StatusReason
from referral_contracts.systems import (
    ACT_REASON,
    CANONICAL,
    CONTACT_ATTEMPTS_EXTENSION,
    PROTECTED,
    SECURITY_LABELS_FI,
    STATUS_REASON,
    TASK_CODE,
    TEST,
)
from referral_contracts.systems import (
    PROGRESS as PROGRESS_SYSTEM,
)

from outcome_collector.domain.task_state import TaskState

Document = dict[str, Any]

CLIENT_IDS = f"{CANONICAL}/NamingSystem/client"
COUNTY_IDS = f"{CANONICAL}/NamingSystem/county"


@dataclass(frozen=True, slots=True)
class Written:
    """Which version a document is, and since when."""

    version: int
    at: datetime


def to_millisecond(at: datetime) -> datetime:
    """`at` as precise as a document tells it, so that a search from what was read starts exactly behind
    it."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def instant(at: datetime) -> str:
    """An aware time as a FHIR instant in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def task_b(routed: ReferralRouted, task_id: str, at: datetime) -> Document:
    """Version 1 of the Task for one provider, from the event alone."""
    return {
        "resourceType": "Task",
        "id": task_id,
        "meta": _meta(Written(1, at), test=routed.test, protected=routed.protected),
        "partOf": [{"reference": f"Task/{routed.referral}"}],
        "status": "requested",
        "intent": "order",
        "priority": "urgent" if routed.urgent else "routine",
        "code": _code("fulfill"),
        "focus": {"reference": f"ServiceRequest/{routed.service_request}"},
        "for": {"reference": f"Patient/{routed.referral}"},
        "authoredOn": instant(at),
        "lastModified": instant(at),
        "requester": _client(routed.client),
        "owner": {"reference": f"Organization/{routed.provider}"},
        "restriction": {"period": {"end": instant(routed.contact_by)}},
    }


def task_a(routed: ReferralTold, county: str, at: datetime) -> Document:
    """Version 1 of the Task that the referrer follows; its id is the referral's.

    In mode write it is what the record system's own Task must come to show."""
    focus = routed.ehr_request if routed.mode == "write" else None
    return {
        "resourceType": "Task",
        "id": routed.referral,
        "meta": _meta(Written(1, at), test=routed.test, protected=routed.protected),
        "status": "requested",
        "intent": "order",
        "priority": "urgent" if routed.urgent else "routine",
        "code": _code("fulfill"),
        "focus": {"reference": focus or f"ServiceRequest/{routed.referral}"},
        "for": {"reference": f"Patient/{routed.referral}"},
        "authoredOn": instant(at),
        "lastModified": instant(at),
        "requester": _client(routed.client),
        "owner": {"type": "Organization", "identifier": {"system": COUNTY_IDS, "value": county}},
        "restriction": {"period": {"end": instant(routed.contact_by)}},
    }


def stop_task(b: Document, task_id: str, reason: str, at: datetime, comment: str | None) -> Document:
    """Version 1 of the referrer's wish that the provider ends Task `b`, which it has started.

    Its `reasonCode` is the reason that `b` gets when the provider agrees."""
    document: Document = {
        "resourceType": "Task",
        "id": task_id,
        "meta": {**{k: v for k, v in b["meta"].items() if k == "security"}, **_version(Written(1, at))},
        "partOf": b["partOf"],
        "status": "requested",
        "intent": "order",
        "priority": b["priority"],
        "code": _code("abort"),
        "focus": {"reference": f"Task/{b['id']}"},
        "for": b["for"],
        "authoredOn": instant(at),
        "lastModified": instant(at),
        "requester": b["requester"],
        "owner": b["owner"],
        "reasonCode": reason_concept(reason),
        "note": [{"text": comment}] if comment else None,
    }
    return {name: value for name, value in document.items() if value is not None}


def showing(document: Document, state: TaskState, written: Written) -> Document:
    """`document` as its version `written`, with the status, reason and progress of `state`.

    A statusReason or businessStatus that says the same code already is left as its author wrote it."""
    shown = dict(document)
    shown["meta"] = {**document["meta"], **_version(written)}
    shown["lastModified"] = instant(written.at)
    shown["status"] = state.status
    _show(shown, "statusReason", STATUS_REASON, state.reason, STATUS_REASONS)
    _show(shown, "businessStatus", PROGRESS_SYSTEM, state.progress, PROGRESS)
    reason = STATUS_REASONS.get(state.reason or "")
    if reason is not None and reason.needs_contact_attempts and state.contact_attempts:
        shown["statusReason"] = with_attempts(shown["statusReason"], state.contact_attempts)
    return shown


def code_in(concept: Any, system: str) -> str | None:
    """The code of `system` in a CodeableConcept, None unless there is exactly one."""
    if not isinstance(concept, dict):
        return None
    codings: Any = concept.get("coding")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(codings, list):
        return None
    codes: list[Any] = [
        coding.get("code")
        for coding in codings  # pyright: ignore[reportUnknownVariableType]
        if isinstance(coding, dict) and coding.get("system") == system  # pyright: ignore[reportUnknownMemberType]
    ]
    return codes[0] if len(codes) == 1 and isinstance(codes[0], str) else None


def reason_concept(code: str) -> Document:
    """The statusReason of `code`, its display in Finnish; an unknown code stands alone and is refused
    later."""
    return _concept(STATUS_REASON, code, STATUS_REASONS)


def progress_concept(code: str) -> Document:
    """The businessStatus of `code`, its display in Finnish."""
    return _concept(PROGRESS_SYSTEM, code, PROGRESS)


def contact_attempts(concept: Any) -> int | None:
    """How often the provider says that it tried, from the extension of a statusReason."""
    extensions: Any = concept.get("extension", ()) if isinstance(concept, dict) else ()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    for extension in extensions if isinstance(extensions, list) else ():  # pyright: ignore[reportUnknownVariableType]
        if isinstance(extension, dict) and extension.get("url") == CONTACT_ATTEMPTS_EXTENSION:  # pyright: ignore[reportUnknownMemberType]
            number: Any = extension.get("valueInteger", extension.get("valuePositiveInt"))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            if isinstance(number, int) and not isinstance(number, bool):
                return number
    return None


def with_attempts(concept: Document, attempts: int) -> Document:
    """A statusReason that says how often the client was tried."""
    others = [e for e in concept.get("extension", ()) if e.get("url") != CONTACT_ATTEMPTS_EXTENSION]
    return {
        "extension": [*others, {"url": CONTACT_ATTEMPTS_EXTENSION, "valueInteger": attempts}],
        **{name: value for name, value in concept.items() if name != "extension"},
    }


def dumped(document: Document) -> bytes:
    """`document` as the bytes that are kept and served."""
    return orjson.dumps(document)


def loaded(document: bytes) -> Document:
    """A copy of our own document; never called on anything that came from outside."""
    parsed: Document = orjson.loads(document)
    return parsed


def _show(
    document: Document,
    element: str,
    system: str,
    code: str | None,
    concepts: Mapping[str, StatusReason] | Mapping[str, Progress],
) -> None:
    if code is None:
        document.pop(element, None)
    elif code_in(document.get(element), system) != code:
        document[element] = _concept(system, code, concepts)


def _concept(
    system: str, code: str, concepts: Mapping[str, StatusReason] | Mapping[str, Progress]
) -> Document:
    known = concepts.get(code)
    return {"coding": [{"system": system, "code": code} | ({"display": known.fi} if known else {})]}


def _code(code: str) -> Document:
    return {"coding": [{"system": TASK_CODE, "code": code}]}


def _client(client: str) -> Document:
    """A logical reference: the record system is known by its client id, and has no resource here."""
    return {"type": "Organization", "identifier": {"system": CLIENT_IDS, "value": client}}


def _meta(written: Written, *, test: bool, protected: bool) -> Document:
    labels = [
        *([{"system": ACT_REASON, "code": TEST}] if test else []),
        *([{"system": SECURITY_LABELS_FI, "code": PROTECTED}] if protected else []),
    ]
    return _version(written) | ({"security": labels} if labels else {})


def _version(written: Written) -> Document:
    return {"versionId": str(written.version), "lastUpdated": instant(written.at)}
