"""JSON Patch (RFC 6902) on a Task: what may be touched, and what the result asks of the state machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonpatch  # pyright: ignore[reportMissingTypeStubs]
import orjson
from referral_contracts.errors import Issue, LahettiError, refuse
from referral_contracts.fhir.validation import validate
from referral_contracts.systems import PROGRESS, STATUS_REASON

from outcome_collector.domain.task_documents import Document, code_in, contact_attempts
from outcome_collector.domain.task_state import Change

BY_PROVIDER = ("status", "statusReason", "businessStatus", "output", "note", "executionPeriod", "contained")
"""`contained` holds the measures that an output points to; it may hold nothing else."""
BY_REFERRER = ("status", "statusReason", "note")

MOST_OPERATIONS = 100
MOST_COPIES = 3
"""A copy can double the document, so a hundred of them could fill any memory."""
MOST_BYTES = 1_048_576
_OPERATIONS = {"add", "remove", "replace", "move", "copy", "test"}


@dataclass(frozen=True, slots=True)
class Patched:
    """The document after the patch, and which of its elements the patch touched."""

    document: Document
    touched: frozenset[str]


def read_patch(body: bytes) -> list[dict[str, Any]]:
    """The operations of `body`. Raises `malformed-json` or `patch-malformed`."""
    try:
        operations: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refuse("malformed-json") from None
    if not isinstance(operations, list) or not operations or len(operations) > MOST_OPERATIONS:  # pyright: ignore[reportUnknownArgumentType]
        raise refuse("patch-malformed")
    for operation in operations:  # pyright: ignore[reportUnknownVariableType]
        _check_shape(operation)
    if sum(operation["op"] == "copy" for operation in operations) > MOST_COPIES:  # pyright: ignore[reportUnknownVariableType]
        raise refuse("patch-malformed")
    return operations  # pyright: ignore[reportUnknownVariableType]


def patched(document: Document, operations: list[dict[str, Any]], writable: tuple[str, ...]) -> Patched:
    """`document` with `operations` applied; the argument stays as it was.

    Raises `element-not-yours` naming each place outside `writable`, `patch-inapplicable` or
    `body-too-large`."""
    touched: set[str] = set()
    foreign: list[str] = []
    for operation in operations:
        for element in _elements(operation):
            (touched.add if element in writable else foreign.append)(element)
    if foreign:
        params = {"writable": ", ".join(writable)}
        places = dict.fromkeys(f"Task.{element}" if element.isalnum() else "Task" for element in foreign)
        raise LahettiError(*(Issue("element-not-yours", (place,), params) for place in places))
    try:
        result: Any = _whole_elements(document, operations) or jsonpatch.apply_patch(document, operations)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, KeyError, ValueError):
        raise refuse("patch-inapplicable") from None
    if len(orjson.dumps(result)) > MOST_BYTES:
        raise refuse("body-too-large", limit=str(MOST_BYTES))
    return Patched(result, frozenset(touched))


_BY_STATUS = (STATUS_REASON, PROGRESS)
"""Which of their codes may be depends on the status; a refusal names those that may."""


def wanted_change(before: Document, after: Patched) -> Change:
    """What the patched document asks of the state machine. Raises what is wrong with its structure or
    codes."""
    document, touched = after.document, after.touched
    issues = validate(document, resource_type="Task", judged=_BY_STATUS)
    if "contained" in touched:
        issues.extend(_contained_issues(document))
    if issues:
        raise LahettiError(*issues)
    status = document["status"]
    reason = _code(document, "statusReason", STATUS_REASON, touched, issues)
    progress = _code(document, "businessStatus", PROGRESS, touched, issues)
    if issues:
        raise LahettiError(*issues)
    concept = document.get("statusReason")
    given = "statusReason" in touched
    return Change(
        status=status if status != before["status"] else None,
        reason=reason,
        sets_reason=given,
        progress=progress,
        sets_progress="businessStatus" in touched,
        commented=_commented(document, touched),
        contact_attempts=contact_attempts(concept) if given else None,
    )


def _check_shape(operation: Any) -> None:
    """The members of one operation as RFC 6902 wants them, or `patch-malformed`."""
    if not isinstance(operation, dict):
        raise refuse("patch-malformed")
    members: Mapping[str, Any] = operation  # pyright: ignore[reportUnknownVariableType]
    name = members.get("op")
    pointers = [members.get("path")]
    if name in ("move", "copy"):
        pointers.append(members.get("from"))
    well_formed = (
        isinstance(name, str)
        and name in _OPERATIONS
        and all(isinstance(pointer, str) and (not pointer or pointer[0] == "/") for pointer in pointers)
        and ("value" in members or name in ("remove", "move", "copy"))
    )
    if not well_formed:
        raise refuse("patch-malformed")


def _whole_elements(document: Document, operations: list[dict[str, Any]]) -> Document | None:
    """The patch applied without copying what it leaves alone, where all it does is to set whole elements of
    the Task, as nearly every report does; None where it does anything else."""
    result = dict(document)
    for operation in operations:
        element = operation["path"][1:]
        known = element in result or operation["op"] == "add"
        if operation["op"] not in ("add", "replace") or not element.isalnum() or not known:
            return None
        result[element] = operation["value"]
    return result


def _elements(operation: Mapping[str, Any]) -> list[str]:
    """The elements that `operation` changes; a test changes nothing, a copy only its target."""
    if operation["op"] == "test":
        return []
    paths = [operation["path"]] + ([operation["from"]] if operation["op"] == "move" else [])
    return [path.split("/")[1] if path else "" for path in paths]


def _code(
    document: Document, element: str, system: str, touched: frozenset[str], issues: list[Issue]
) -> str | None:
    if element not in touched or document.get(element) is None:
        return None
    code = code_in(document[element], system)
    if code is None:
        issues.append(Issue("unknown-code", (f"Task.{element}",)))
    return code


def _contained_issues(document: Document) -> list[Issue]:
    """Only measures may be contained; that an output points to each, and each pointer has its measure, is
    asked by R4."""
    contained: Any = document.get("contained", [])
    kinds = [one.get("resourceType") for one in contained if isinstance(one, dict)]
    if all(kind == "Observation" for kind in kinds):
        return []
    return [Issue("element-not-yours", ("Task.contained",), {"writable": ", ".join(BY_PROVIDER[:-1])})]


def _commented(document: Document, touched: frozenset[str]) -> bool:
    """Whether a note came along, or words beside the reason's code; the structure is known to be sound."""
    if "note" in touched and document.get("note"):
        return True
    return "statusReason" in touched and "text" in document.get("statusReason", {})
