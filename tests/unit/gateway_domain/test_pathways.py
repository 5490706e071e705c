"""The reasons of a pathway, and its clocks."""

from typing import Any

import pytest
from referral_contracts import systems
from referral_gateway.domain.pathways import Clocks, reason_issues
from support.counties import exercise_pathway

PATHWAY = exercise_pathway()


def concept(*codes: str, system: str = systems.REFERRAL_REASON, text: str | None = None) -> dict[str, Any]:
    coded: dict[str, Any] = {"coding": [{"system": system, "code": code} for code in codes]}
    return coded | ({"text": text} if text is not None else {})


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ([concept("overweight")], []),
        ([concept("overweight"), concept("other", text="Toive")], []),
        ([], [("required-element", "R.reasonCode")]),
        ([concept("boredom")], [("unknown-code", "R.reasonCode[0]")]),
        ([concept("overweight", "boredom")], [("unknown-code", "R.reasonCode[0]")]),
        ([concept("Z72.3", system="http://hl7.org/fhir/sid/icd-10")], [("unknown-code", "R.reasonCode[0]")]),
        ([{"text": "Ylipaino"}], [("unknown-code", "R.reasonCode[0]")]),
        ([concept("overweight"), concept("other")], [("reason-text-required", "R.reasonCode[1].text")]),
        ([concept("other", text=" ")], [("reason-text-required", "R.reasonCode[0].text")]),
    ],
)
def test_each_reason_is_of_the_pathways_own_set(
    reasons: list[dict[str, Any]], expected: list[tuple[str, str]]
) -> None:
    found = reason_issues(PATHWAY, {"reasonCode": reasons}, "R")
    assert [(issue.slug, issue.expression[0]) for issue in found] == expected


def test_codings_of_other_systems_may_stand_beside() -> None:
    reason = concept("overweight")
    reason["coding"].insert(0, {"system": "http://hl7.org/fhir/sid/icd-10", "code": "E66"})
    assert reason_issues(PATHWAY, {"reasonCode": [reason]}, "R") == []


def test_urgent_referrals_go_by_their_own_clocks() -> None:
    assert PATHWAY.clocks(urgent=True) == Clocks(accept=1, contact=3, remind=1)
    assert PATHWAY.clocks(urgent=False) == Clocks(accept=5, contact=10, remind=3)
