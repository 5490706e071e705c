"""What the services make keeps the profiles that they publish: the validator finds nothing in it."""

from datetime import UTC, datetime

import pytest
from outcome_collector.domain.task_documents import stop_task, task_a, task_b
from referral_contracts.fhir.validation import validate
from referral_contracts.systems import CANONICAL
from support.clocks import StandingClock
from support.collector import routing

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROUTED = routing(StandingClock(AT))
B = task_b(ROUTED, "task-b", AT)
MADE = {
    "Task A": ("lahetti-task", task_a(ROUTED, "kymenlaakso", AT)),
    "Task B": ("lahetti-task", B),
    "a wish to stop": (
        "lahetti-abort-task",
        stop_task(B, "task-stop", "no-longer-needed", AT, "Muutti pois."),
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_a_task_keeps_its_profile(name: str) -> None:
    profile, document = MADE[name]
    assert validate(document, f"{CANONICAL}/StructureDefinition/{profile}") == []


@pytest.mark.parametrize("name", MADE)
def test_a_task_without_its_order_would_be_found_out(name: str) -> None:
    profile, document = MADE[name]
    spoilt = {key: value for key, value in document.items() if key != "focus"}
    issues = validate(spoilt, f"{CANONICAL}/StructureDefinition/{profile}")
    assert [(issue.slug, issue.expression) for issue in issues] == [("required-element", ("Task.focus",))]
