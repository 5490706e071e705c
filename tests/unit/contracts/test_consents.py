"""What a permission allows, and what it does not."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from referral_contracts import systems
from referral_contracts.fhir import consents
from referral_contracts.fhir.consents import Recipients
from support.referrals import referral_bundle

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def consent_of(**choices: Any) -> dict[str, Any]:
    bundle = referral_bundle(identifier="R-1", at=NOW, **choices)
    return copy.deepcopy(bundle["entry"][1]["resource"])


def disclosure(consent: dict[str, Any]) -> dict[str, Any]:
    return consent["provision"]["provision"][0]


def denial(actor: dict[str, Any] | None = None, purpose: str | None = systems.DISCLOSURE) -> dict[str, Any]:
    rule: dict[str, Any] = {"type": "deny"}
    if actor is not None:
        rule["actor"] = [{"role": {"text": "recipient"}, "reference": actor}]
    if purpose:
        rule["purpose"] = [{"system": systems.CONSENT_PURPOSE, "code": purpose}]
    return rule


@pytest.mark.parametrize("status", ["draft", "proposed", "rejected", "inactive", "entered-in-error"])
def test_only_an_active_permission_holds(status: str) -> None:
    assert consents.is_active(consent_of(), NOW)
    assert not consents.is_active(consent_of() | {"status": status}, NOW)


@pytest.mark.parametrize(
    ("period", "holds"),
    [
        ({}, True),
        ({"start": "2026-03-02"}, True),
        ({"end": "2026-03-02"}, True),
        ({"end": "2026-03"}, True),
        ({"end": "2026"}, True),
        ({"end": "2026-02"}, False),
        ({"end": "2025"}, False),
        ({"end": "2026-03-01"}, False),
        ({"end": "2026-03-02T10:59:58+02:00"}, False),
        ({"end": "2026-03-02T11:30:00+02:00"}, True),
        ({"start": "2026-03-03"}, False),
        ({"start": "2026-03-02T11:03:00+02:00"}, True),
    ],
)
def test_a_period_holds_to_the_end_of_what_it_names(period: dict[str, str], holds: bool) -> None:
    consent = consent_of()
    consent["provision"]["period"] = period
    assert consents.is_active(consent, NOW) is holds


def test_a_permission_without_the_time_it_was_given_does_not_hold() -> None:
    consent = consent_of()
    del consent["dateTime"]
    assert not consents.is_active(consent, NOW)


def test_named_providers_and_kinds_are_the_only_recipients() -> None:
    named = consents.recipients(consent_of(recipients=["kotka"]), NOW)
    assert named == Recipients(providers=frozenset({"kotka"}))
    assert named.include(provider="kotka", kind="municipality", services=())
    assert not named.include(provider="kouvola", kind="municipality", services=())
    kinds = consents.recipients(consent_of(recipient_kinds=["parish"]), NOW)
    assert kinds.include(provider="any", kind="parish", services=())
    assert not kinds.include(provider="any", kind="association", services=())


def test_a_permission_may_name_a_service() -> None:
    consent = consent_of()
    disclosure(consent)["actor"][0]["reference"] = {"reference": "HealthcareService/kotka-liikuntaneuvonta"}
    found = consents.recipients(consent, NOW)
    assert found.include(provider="kotka", kind="x", services=("kotka-liikuntaneuvonta",))


def test_an_organization_of_another_base_is_nobody_here() -> None:
    consent = consent_of(recipients=["kotka"])
    disclosure(consent)["actor"][0]["reference"] = {
        "reference": "https://other.example/fhir/Organization/kotka"
    }
    assert not consents.recipients(consent, NOW)


@pytest.mark.parametrize(
    "narrowing",
    [
        {"action": [{"text": "collect"}]},
        {"class": [{"code": "Observation"}]},
        {"data": [{"meaning": "related", "reference": {"reference": "Patient/1"}}]},
        {"dataPeriod": {"start": "2020"}},
        {"securityLabel": [{"code": "R"}]},
        {"provision": [{"type": "deny"}]},
        {"period": {"end": "2025-12-31"}},
        {"type": "deny"},
    ],
)
def test_a_rule_that_is_narrowed_by_what_is_not_understood_permits_nothing(narrowing: dict[str, Any]) -> None:
    """INVARIANT: in doubt nothing leaves. A rule read too widely discloses what the client did not allow."""
    consent = consent_of()
    disclosure(consent).update(narrowing)
    assert not consents.recipients(consent, NOW)


def test_a_denial_beats_a_permission() -> None:
    consent = consent_of()
    consent["provision"]["provision"].append(denial({"reference": "Organization/kotka"}))
    found = consents.recipients(consent, NOW)
    assert found.include(provider="kouvola", kind="municipality", services=())
    assert not found.include(provider="kotka", kind="municipality", services=())


@pytest.mark.parametrize("actor", [None, {"reference": "Practitioner/1"}, {"display": "Naapuri"}])
def test_a_denial_of_nobody_we_know_denies_all(actor: dict[str, Any] | None) -> None:
    consent = consent_of()
    consent["provision"]["provision"].append(denial(actor))
    assert not consents.recipients(consent, NOW)


def test_the_outcome_goes_back_only_where_a_rule_says_so() -> None:
    assert consents.return_permitted(consent_of(), NOW)
    assert not consents.return_permitted(consent_of(consent="no-return"), NOW)
    consent = consent_of()
    consent["provision"]["provision"].append(denial(purpose=systems.RETURN))
    assert not consents.return_permitted(consent, NOW)
    consent["provision"]["provision"][-1] = denial(purpose=None)
    assert not consents.return_permitted(consent, NOW)


def test_who_gave_the_permission_is_told_by_relationship() -> None:
    assert consents.giver(consent_of()).is_client
    guardian = consents.giver(consent_of(child=True))
    assert (guardian.is_client, guardian.relationship) == (False, "MTH")


def test_a_guardian_may_be_an_entry_of_the_bundle() -> None:
    bundle = referral_bundle(identifier="R-1", child=True)
    consent = bundle["entry"][1]["resource"]
    person = consent.pop("contained")[0]
    bundle["entry"].append({"fullUrl": "urn:uuid:guardian", "resource": person})
    consent["performer"] = [{"reference": "urn:uuid:guardian"}]
    assert consents.giver(consent, bundle).relationship == "MTH"


def test_the_period_is_told_with_its_exclusive_end() -> None:
    consent = consent_of()
    consent["provision"]["period"] = {"start": "2026-03-02", "end": "2026-12-31"}
    assert consents.period(consent) == (datetime(2026, 3, 2, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
