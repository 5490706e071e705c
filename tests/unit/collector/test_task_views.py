"""What of a Task is left to be seen where the permission lets nothing but the status be known."""

from typing import Any

import pytest
from outcome_collector.domain.task_documents import task_b
from outcome_collector.domain.task_views import withheld_view
from referral_contracts.status_reasons import REASON_STATUSES, STATUS_REASONS
from referral_contracts.systems import PROGRESS, STATUS_REASON
from support.clocks import StandingClock
from support.collector import concept, reason_of, routing

TOLD = {
    "statusReason": concept(STATUS_REASON, "client-died", text="Kuollut 3.2."),
    "businessStatus": concept(PROGRESS, "no-show"),
    "note": [{"text": "Puhelin ei vastaa."}],
    "output": [{"type": {"text": "mittari"}, "valueString": "4"}],
    "contained": [{"resourceType": "Observation", "id": "o"}],
    "executionPeriod": {"start": "2026-03-02"},
    "reasonCode": concept(STATUS_REASON, "client-died"),
    "description": "Jotain.",
    "extension": [{"url": "https://example.org/x", "valueString": "x"}],
}


def _task(status: str, **more: Any) -> dict[str, Any]:
    clock = StandingClock()
    return (
        task_b(routing(clock), "01900000-0000-7000-8000-000000000000", clock.now())
        | TOLD
        | more
        | {"status": status}
    )


@pytest.mark.parametrize("status", sorted(REASON_STATUSES))
def test_a_status_that_needs_a_reason_gets_withheld_and_nothing_else(status: str) -> None:
    shown = withheld_view(_task(status))
    assert not (TOLD.keys() - {"statusReason"}) & shown.keys()
    assert shown["statusReason"]["coding"][0]["code"] == "withheld"
    assert shown["statusReason"].keys() == {"coding"}


@pytest.mark.parametrize("status", ["requested", "accepted", "in-progress", "completed", "entered-in-error"])
def test_any_other_status_stands_alone(status: str) -> None:
    shown = withheld_view(_task(status))
    assert shown["status"] == status
    assert not TOLD.keys() & shown.keys()


@pytest.mark.parametrize("code", sorted(STATUS_REASONS))
def test_of_all_reasons_only_the_withdrawn_permission_is_named(code: str) -> None:
    shown = withheld_view(_task("cancelled", statusReason=concept(STATUS_REASON, code, text="Sanoja.")))
    assert reason_of(shown) == (code if code == "permission-withdrawn" else "withheld")
    assert "text" not in shown["statusReason"]


def test_what_the_platform_itself_made_stays() -> None:
    clock = StandingClock()
    made = task_b(routing(clock), "01900000-0000-7000-8000-000000000000", clock.now())
    assert withheld_view(made) == made
