"""Every invariant of our profiles is told in three languages, in English in the profile's own words."""

from typing import Any

import pytest
from referral_contracts.errors import Issue
from referral_contracts.fhir.validation import PROFILES, validate
from referral_contracts.fhir.validation.refined import RULES
from referral_contracts.invariant_texts import INVARIANTS
from referral_contracts.operation_outcome import operation_outcome, text
from support.profile_demands import STRUCTURES

OURS = {
    rule["key"]: rule["human"]
    for structure in STRUCTURES.values()
    for element in structure["differential"]["element"]
    for rule in element.get("constraint", ())
}


def test_each_has_words_and_nothing_else_has() -> None:
    assert {key: words.en for key, words in INVARIANTS.items()} == OURS
    assert len(OURS) > 15


@pytest.mark.parametrize("key", sorted(INVARIANTS))
def test_the_languages_differ_and_end_as_sentences(key: str) -> None:
    words = INVARIANTS[key]
    assert len(set(words)) == 3
    assert all(one.endswith((".", ".)")) for one in words)


@pytest.mark.parametrize("key", sorted(OURS))
def test_a_general_refusal_tells_the_invariant_s_own_words(key: str) -> None:
    slug, _ = RULES.get(key, ("invariant", ""))
    issue = Issue(slug, ("Somewhere",), {"key": key})
    told = [text(issue, language) for language in ("fi", "sv", "en")]
    if slug in {"invariant", "required-element", "wrong-cardinality", "invalid-value"}:
        assert told == [f"{words} ({key})" for words in INVARIANTS[key]]
    else:
        assert not any(key in words for words in told), "a slug of its own has words of its own"


def test_a_rule_of_r4_is_told_by_its_key() -> None:
    assert text(Issue("invariant", ("Patient.contact[0]",), {"key": "pat-1"}), "sv") == (
        "Regeln pat-1 uppfylls inte."
    )


def test_what_the_validator_finds_is_told_so() -> None:
    organization: dict[str, Any] = {
        "resourceType": "Organization", "id": "testi", "name": "Testi ry", "active": True,
        "type": [{"text": "yhdistys"}],
    }  # fmt: skip
    issues = validate(organization, PROFILES["Organization"], resource_type="Organization")
    told = [issue["details"]["text"] for issue in operation_outcome(issues, "fi")["issue"]]
    assert f"{INVARIANTS['lor-kind'].fi} (lor-kind)" in told
