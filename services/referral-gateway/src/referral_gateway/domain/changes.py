"""What an author may still change in its ServiceRequest and Consent, and everything that is wrong with a
change.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from referral_contracts import systems
from referral_contracts.errors import Issue
from referral_contracts.status_reasons import STATUS_REASONS, reasons_for

Resource = Mapping[str, Any]
RequestEnd = Literal["revoked", "entered-in-error"]

_CONSENT_ENDS = frozenset({"inactive", "entered-in-error"})
_REQUEST_ENDS = frozenset({"revoked", "entered-in-error"})


def request_issues(before: Resource, after: Resource) -> list[Issue]:
    """All that is wrong with changing ServiceRequest `before` to `after`: its author may set the status to
    revoked (with a reason in the extension request-statusReason) or entered-in-error, and add notes;
    nothing else.
    """
    issues = _others_changed(before, after, {"status", "note", "extension"}, "status, note, extension")
    notes = before.get("note", [])
    if after.get("note", [])[: len(notes)] != notes:
        issues.append(_not_yours("ServiceRequest.note", "status, note, extension"))
    if _other_extensions(before) != _other_extensions(after):
        issues.append(_not_yours("ServiceRequest.extension", "status, note, extension"))
    if after.get("status") == before.get("status"):
        if reason_of(before) != reason_of(after):
            issues.append(Issue("status-reason-forbidden", (_REASON,), {"status": str(after.get("status"))}))
        return issues
    if before.get("status") != "active" or after.get("status") not in _REQUEST_ENDS:
        legal = "revoked, entered-in-error" if before.get("status") == "active" else "-"
        issues.append(_illegal("ServiceRequest.status", before, after, legal))
    elif after.get("status") == "revoked":
        issues += _reason_issues(after)
    return issues


def consent_issues(before: Resource, after: Resource) -> list[Issue]:
    """All that is wrong with changing Consent `before` to `after`: its status may end, nothing else may
    change.
    """
    issues = _others_changed(before, after, {"status"}, "status")
    if after.get("status") == before.get("status"):
        return issues
    if before.get("status") != "active" or after.get("status") not in _CONSENT_ENDS:
        legal = "inactive, entered-in-error" if before.get("status") == "active" else "-"
        issues.append(_illegal("Consent.status", before, after, legal))
    return issues


def reason_of(request: Resource) -> Mapping[str, Any] | None:
    """The concept that says why the request was revoked."""
    for extension in request.get("extension", []):
        if extension.get("url") == systems.REQUEST_STATUS_REASON_EXTENSION:
            return extension.get("valueCodeableConcept", {})
    return None


def revoked(
    filler_order: Resource, status: str, reason: Mapping[str, Any] | None, notes: Sequence[Any]
) -> dict[str, Any]:
    """ServiceRequest B after its author ended A: the same status, reason and notes."""
    extensions = [dict(extension) for extension in _other_extensions(filler_order)]
    if reason is not None:
        extensions.append(
            {"url": systems.REQUEST_STATUS_REASON_EXTENSION, "valueCodeableConcept": dict(reason)}
        )
    changed = dict(filler_order) | {"status": status}
    changed |= {"extension": extensions} if extensions else {}
    return changed | ({"note": list(notes)} if notes else {})


_REASON = "ServiceRequest.extension"


def _reason_issues(after: Resource) -> list[Issue]:
    concept = reason_of(after)
    if concept is None:
        return [Issue("status-reason-required", (_REASON,), {"status": "revoked"})]
    codes = [c.get("code") for c in concept.get("coding", []) if c.get("system") == systems.STATUS_REASON]
    usable = {
        r.code for accepted in (False, True) for r in reasons_for("referrer", "cancelled", accepted=accepted)
    }
    if len(codes) != 1 or codes[0] not in usable:
        named = {"status": "revoked", "usable": ", ".join(sorted(usable))}
        return [Issue("status-reason-unusable", (_REASON,), named)]
    if STATUS_REASONS[codes[0]].comment_mandatory and not (concept.get("text") or after.get("note")):
        return [Issue("comment-required", ("ServiceRequest.note",), {"reason": codes[0]})]
    return []


def _others_changed(before: Resource, after: Resource, free: set[str], writable: str) -> list[Issue]:
    kind = before["resourceType"]
    names = (before.keys() | after.keys()) - free
    return [
        _not_yours(f"{kind}.{name}", writable)
        for name in sorted(names)
        if before.get(name) != after.get(name)
    ]


def _other_extensions(request: Resource) -> list[Any]:
    url = systems.REQUEST_STATUS_REASON_EXTENSION
    return [extension for extension in request.get("extension", []) if extension.get("url") != url]


def _not_yours(expression: str, writable: str) -> Issue:
    return Issue("element-not-yours", (expression,), {"writable": writable})


def _illegal(expression: str, before: Resource, after: Resource, legal: str) -> Issue:
    # A status that passed the structural check is one of R4's codes, so it may be repeated.
    return Issue(
        "illegal-change",
        (expression,),
        {"status": str(before["status"]), "wanted": str(after["status"]), "legal": legal},
    )
