"""Until when a permission lets a provider, and the referrer, have more than the status."""

from datetime import UTC, datetime
from typing import Any

import pytest
from referral_contracts import systems
from referral_gateway.domain.permission import Permission, permission_for
from support.counties import provider
from support.referrals import referral_bundle

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KOTKA = provider("kotka")


def _consent(**said: Any) -> dict[str, Any]:
    consent = referral_bundle(identifier="R-1", at=NOW, **said)["entry"][1]["resource"]
    consent["provision"]["period"] = {"start": "2026-03-02"}
    return consent


def _rule(consent: dict[str, Any], purpose: str) -> dict[str, Any]:
    rules = consent["provision"]["provision"]
    return next(rule for rule in rules if rule["purpose"][0]["code"] == purpose)


def _permission(consent: dict[str, Any], at: datetime = NOW) -> Permission:
    return permission_for(consent, KOTKA, "kotka-exercise", at)


def test_without_a_period_it_has_no_end() -> None:
    assert _permission(_consent()) == Permission(None, True, None)


def test_the_whole_permission_ends_both() -> None:
    consent = _consent()
    consent["provision"]["period"]["end"] = "2026-12-31"
    end = datetime(2027, 1, 1, tzinfo=UTC)
    assert _permission(consent) == Permission(end, True, end)


def test_each_direction_has_its_own_end() -> None:
    consent = _consent()
    _rule(consent, systems.DISCLOSURE)["period"] = {"end": "2026-04-30"}
    _rule(consent, systems.RETURN)["period"] = {"end": "2026-05-31"}
    found = _permission(consent)
    assert found.disclosed_until == datetime(2026, 5, 1, tzinfo=UTC)
    assert found.returned_until == datetime(2026, 6, 1, tzinfo=UTC)


def test_a_second_rule_that_goes_on_carries_it_further() -> None:
    consent = _consent()
    rule = _rule(consent, systems.DISCLOSURE)
    rule["period"] = {"end": "2026-04-30"}
    named = [{"role": rule["actor"][0]["role"], "reference": {"reference": "Organization/kotka"}}]
    consent["provision"]["provision"].append(rule | {"actor": named, "period": {"end": "2026-06-30"}})
    assert _permission(consent).disclosed_until == datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize("until", [None, "2026-03-01"])
def test_without_a_rule_to_return_nothing_does(until: str | None) -> None:
    consent = _consent(consent="both" if until else "no-return")
    if until:
        _rule(consent, systems.RETURN)["period"] = {"end": until}
    found = _permission(consent)
    assert (found.returned, found.returned_until) == (False, None)
