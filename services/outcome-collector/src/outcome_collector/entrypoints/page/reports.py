"""What each form of the page reports, as the change that a system's PATCH would make."""

from typing import Any

from referral_contracts.errors import refuse
from referral_contracts.systems import OUTPUT_TYPE

from outcome_collector.domain.task_state import TaskState
from outcome_collector.use_cases.report_on_page import PageReport

ACTIVITIES = {
    "visit": "Neuvontakäynti",
    "group": "Ryhmä",
    "course": "Kurssi",
    "own": "Omatoiminen liikkuminen",
}
MOST_COMMENT = 500


def report_of(action: str, fields: dict[str, str], state: TaskState) -> PageReport:
    """The report of form `action`. Raises `not-found` on an unknown form, `invalid-value` on a field that no
    form of ours sends."""
    version = _version(fields)
    match action:
        case "attempts":
            reached = fields.get("reached") == "yes"
            return PageReport(version, progress="contacted" if reached else "contact-attempted")
        case "acceptance":
            return PageReport(version, status="accepted")
        case "start":
            return PageReport(version, status="in-progress")
        case "completion":
            return PageReport(version, status="completed", results=_results(fields))
        case "end":
            return _end(version, fields, state)
        case _:
            raise refuse("not-found")


def _end(version: int, fields: dict[str, str], state: TaskState) -> PageReport:
    reason = fields.get("reason", "")
    if not reason:
        raise refuse(
            "status-reason-required",
            "Task.statusReason",
            status="failed" if state.was_accepted else "rejected",
        )
    comment = fields.get("comment", "").strip()[:MOST_COMMENT] or None
    return PageReport(
        version,
        status="failed" if state.was_accepted else "rejected",
        reason=reason,
        comment=comment,
        contact_attempts=state.contact_attempts or None,
    )


def _results(fields: dict[str, str]) -> tuple[dict[str, Any], ...]:
    activity = fields.get("activity")
    if not activity:
        return ()
    if activity not in ACTIVITIES:
        raise refuse("invalid-value", "Task.output")
    kind = {"coding": [{"system": OUTPUT_TYPE, "code": "resulting-activity"}]}
    return ({"type": kind, "valueCodeableConcept": {"text": ACTIVITIES[activity]}},)


def _version(fields: dict[str, str]) -> int:
    value = fields.get("version", "")
    if not value.isdecimal() or len(value) > 9:
        raise refuse("invalid-value")
    return int(value)
