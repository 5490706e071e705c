"""The committed code systems and the tables of the code are one truth: here is where they would part."""

import json
from pathlib import Path
from typing import Any

import pytest
from referral_contracts import systems
from referral_contracts.progress import PROGRESS
from referral_contracts.status_reasons import STATUS_REASONS, StatusReason
from referral_gateway.adapters.county_reading import read_county
from referral_gateway.domain.county import County
from referral_gateway.domain.reason_code_system import reason_code_system

ROOT = Path(__file__).resolve().parents[3]
RESOURCES = ROOT / "fhir-profiles" / "resources"


def resource(kind: str, name: str) -> dict[str, Any]:
    return json.loads((RESOURCES / f"{kind}-{name}.json").read_text())


def words(concept: dict[str, Any]) -> dict[str, str]:
    """Every text of a concept by its language; the display is Finnish."""
    told = {one["language"]: one["value"] for one in concept["designation"]}
    assert concept["display"] == told["fi"]
    return told


def properties(concept: dict[str, Any]) -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = {}
    for one in concept.get("property", []):
        told.setdefault(one["code"], []).append(one.get("valueCode", one.get("valueBoolean")))
    return {code: sorted(values) for code, values in told.items()}


def consequences(reason: StatusReason) -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = {
        "initiator": [reason.initiator] if reason.initiator else [],
        "usableBy": sorted(reason.usable_by),
        "beforeAcceptance": sorted(reason.before),
        "afterAcceptance": sorted(reason.after),
        "commentMandatory": [reason.comment_mandatory],
        "contactAttemptsMandatory": [reason.needs_contact_attempts],
        "releasesQuota": [reason.releases_quota],
        "reroute": [reason.reroute] if reason.reroute else [],
    }
    return {code: values for code, values in told.items() if values}


def counties() -> dict[str, County]:
    found: dict[str, County] = {}
    for folder in sorted((ROOT / "counties").iterdir()):
        if not (folder / "county.yaml").exists():
            continue
        files = [file for file in folder.rglob("*") if file.is_file()]
        found[folder.name] = read_county({str(f.relative_to(folder)): f.read_text() for f in files})
    return found


def test_status_reasons() -> None:
    system = resource("CodeSystem", "referral-status-reason")
    assert system["url"] == systems.STATUS_REASON
    assert {one["code"]: (words(one), properties(one)) for one in system["concept"]} == {
        code: ({"fi": reason.fi, "sv": reason.sv, "en": reason.en}, consequences(reason))
        for code, reason in STATUS_REASONS.items()
    }


def test_progress() -> None:
    system = resource("CodeSystem", "referral-progress")
    assert system["url"] == systems.PROGRESS
    assert {one["code"]: (words(one), properties(one)) for one in system["concept"]} == {
        code: ({"fi": step.fi, "sv": step.sv, "en": step.en}, {"usableBy": sorted(step.usable_by)})
        for code, step in PROGRESS.items()
    }


def test_the_reasons_are_those_of_all_counties() -> None:
    committed = resource("CodeSystem", "referral-reason")
    pathways = [pathway for county in counties().values() for pathway in county.pathways.values()]
    served = reason_code_system(pathways)
    assert committed["url"] == served["url"]
    assert {one["code"]: words(one) for one in committed["concept"]} == {
        one["code"]: words(one) for one in served["concept"]
    }


@pytest.mark.parametrize("name", counties())
def test_a_countys_pathways_and_their_reasons_are_known(name: str) -> None:
    known = {one["code"] for one in resource("CodeSystem", "pathway")["concept"]}
    for pathway in counties()[name].pathways.values():
        assert pathway.id in known
        codes = resource("ValueSet", f"referral-reason-{pathway.id}")["compose"]["include"][0]["concept"]
        assert {one["code"] for one in codes} >= pathway.reasons.keys()


def test_a_reason_that_needs_a_text_is_other_as_the_profiles_rule_says() -> None:
    pathways = [pathway for county in counties().values() for pathway in county.pathways.values()]
    needy = {reason.code for one in pathways for reason in one.reasons.values() if reason.needs_text}
    assert needy == {"other"}


@pytest.mark.parametrize("name", counties())
def test_a_countys_names_of_pathways_are_those_of_the_code_system(name: str) -> None:
    told = {one["code"]: words(one) for one in resource("CodeSystem", "pathway")["concept"]}
    for pathway in counties()[name].pathways.values():
        assert told[pathway.id] == {"fi": pathway.names.fi, "sv": pathway.names.sv, "en": pathway.names.en}


def test_the_kinds_of_providers_in_use_are_known() -> None:
    known = {one["code"] for one in resource("CodeSystem", "provider-kind")["concept"]}
    assert known >= {one.kind for county in counties().values() for one in county.providers.values()}


def test_a_permissions_purposes() -> None:
    system = resource("CodeSystem", "consent-purpose")
    assert system["url"] == systems.CONSENT_PURPOSE
    assert {one["code"] for one in system["concept"]} == {systems.DISCLOSURE, systems.RETURN}
