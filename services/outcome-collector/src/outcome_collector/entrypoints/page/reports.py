"""What each form of the page reports, as the change that a system's PATCH would make."""

import re
from typing import Any

from referral_contracts.errors import refuse
from referral_contracts.systems import OUTPUT_TYPE

from outcome_collector.domain.task_state import TaskState
from outcome_collector.entrypoints.page.texts import text
from outcome_collector.use_cases.report_on_page import PageReport

ACTIVITIES = ("visit", "group", "course", "own")
REACHED = {"no": "contact-attempted", "yes": "contacted", "scheduled": "scheduled"}
FORMS = frozenset({"attempts", "acceptance", "start", "pause", "completion", "end", "stop"})
MOST_COMMENT = 1000
_LINE_ENDS = re.compile(r"\r\n?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
HIGHEST_VERSION = 2**31 - 1


def report_of(action: str, fields: dict[str, str], state: TaskState) -> PageReport:
    """The report of form `action`. Raises `not-found` on an unknown form, `invalid-value` on a field that no
    form of ours sends, `comment-too-long`, `status-reason-required`."""
    version = version_in(fields)
    match action:
        case "attempts":
            return PageReport(version, progress=_one_of(REACHED, fields.get("reached")))
        case "acceptance":
            return PageReport(version, status="accepted")
        case "start":
            return PageReport(version, status="in-progress")
        case "completion":
            return PageReport(version, status="completed", results=_results(fields.get("activity")))
        case "pause":
            return _with_reason(version, fields, "on-hold")
        case "end":
            return _with_reason(version, fields, "failed" if state.was_accepted else "rejected")
        case _:
            raise refuse("not-found")


def version_in(fields: dict[str, str]) -> int:
    """The version of the Task that the form was made for. Raises `invalid-value`."""
    value = fields.get("version", "")
    if not (value.isascii() and value.isdecimal()) or len(value) > 10 or int(value) > HIGHEST_VERSION:
        raise refuse("invalid-value")
    return int(value)


def comment_in(fields: dict[str, str]) -> str:
    """What was written, as a FHIR string: lines end in one character, no other control characters."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", fields.get("comment", ""))).strip()


def _with_reason(version: int, fields: dict[str, str], status: str) -> PageReport:
    reason = fields.get("reason", "")
    if not reason:
        raise refuse("status-reason-required", "Task.statusReason", status=status)
    comment = comment_in(fields)
    if len(comment) > MOST_COMMENT:
        raise refuse("comment-too-long", "Task.note", limit=str(MOST_COMMENT))
    return PageReport(version, status=status, reason=reason, comment=comment or None)


def _results(activity: str | None) -> tuple[dict[str, Any], ...]:
    """The output that the record system shows, in Finnish as all displays of a Task."""
    if not activity:
        return ()
    if activity not in ACTIVITIES:
        raise refuse("invalid-value", "Task.output")
    kind = {"coding": [{"system": OUTPUT_TYPE, "code": "resulting-activity"}]}
    return ({"type": kind, "valueCodeableConcept": {"text": text(f"complete_option_{activity}", "fi")}},)


def _one_of(choices: dict[str, str], given: str | None) -> str:
    if given not in choices:
        raise refuse("invalid-value", "Task.businessStatus")
    return choices[given]
