"""What a ServiceRequest asks for, and who asks."""

from typing import Any

from referral_contracts import systems
from referral_contracts.fhir import service_requests
from support.referrals import referral_bundle


def request_of(bundle: dict[str, Any]) -> dict[str, Any]:
    return next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "ServiceRequest")


BUNDLE = referral_bundle(identifier="R-1", reasons=["overweight"], other_reason="Toive", performer="kotka-x")
REQUEST = request_of(BUNDLE)


def test_pathway_reasons_service_and_notes_are_read() -> None:
    assert service_requests.pathways(REQUEST) == ("exercise",)
    assert service_requests.reasons(REQUEST) == ("overweight", "other")
    assert service_requests.chosen_service(REQUEST) == "kotka-x"
    assert service_requests.notes(REQUEST) == ("Soita mieluiten arkisin kello 12 jälkeen.",)
    assert not service_requests.is_urgent(REQUEST)
    assert service_requests.is_urgent(REQUEST | {"priority": "urgent"})


def test_the_placers_identifier_is_the_referrals() -> None:
    placer = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]}
    identifiers = [
        {"system": "s", "value": "other"},
        {"system": "s"},
        {"system": "s", "value": "R-1", "type": placer},
    ]
    assert service_requests.identifier({"identifier": identifiers}) == ("s", "R-1")
    assert service_requests.identifier({"identifier": identifiers[:1]}) == ("s", "other")
    assert service_requests.identifier({"identifier": [{"value": "R-1"}]}) is None


def test_the_requester_is_shown_with_unit_and_number() -> None:
    shown = service_requests.requester(REQUEST, BUNDLE)
    assert shown.name == "Terveydenhoitaja Tarja Testaaja"
    assert shown.unit == "Esimerkin sote-keskus, avovastaanotto"
    assert shown.phones == ("+358 5 000 0200",)


def test_a_contained_requester_is_read_through_its_own_references() -> None:
    contained = [
        {
            "resourceType": "PractitionerRole",
            "id": "role",
            "practitioner": {"reference": "#person"},
            "organization": {"reference": "#unit"},
        },
        {
            "resourceType": "Practitioner",
            "id": "person",
            "name": [{"given": ["Tarja"], "family": "Testaaja"}],
        },
        {"resourceType": "Organization", "id": "unit", "name": "Esimerkin neuvola"},
    ]
    shown = service_requests.requester({"requester": {"reference": "#role"}, "contained": contained})
    assert (shown.name, shown.unit) == ("Tarja Testaaja", "Esimerkin neuvola")


def test_a_logical_requester_is_shown_by_its_display() -> None:
    reference = {"identifier": {"system": "s", "value": "1"}, "display": "Tarja Testaaja"}
    assert service_requests.requester({"requester": reference}).name == "Tarja Testaaja"


def test_an_icd_10_coding_beside_the_reason_is_left_out() -> None:
    concept = {
        "coding": [
            {"system": "http://hl7.org/fhir/sid/icd-10", "code": "Z72.3"},
            {"system": systems.REFERRAL_REASON, "code": "physical-inactivity"},
        ]
    }
    assert service_requests.reasons({"reasonCode": [concept]}) == ("physical-inactivity",)
