"""The one entry point: what it finds, where it says that it is, and that it tells nothing of the person."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from referral_contracts import systems
from referral_contracts.fhir.validation import PROFILES, SUBMITTED, validate
from referral_contracts.fhir.validation.findings import MOST_ISSUES

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "fhir-profiles" / "examples" / "valid" / "adult-exercise-referral.json"
BUNDLE = json.loads(EXAMPLE.read_text())
Resource = dict[str, Any]


def part(kind: str) -> Resource:
    return copy.deepcopy(
        next(e["resource"] for e in BUNDLE["entry"] if e["resource"]["resourceType"] == kind)
    )


def found(resource: Any, profile: str | None = None, **how: Any) -> list[tuple[str, str]]:
    return [(issue.slug, issue.expression[0]) for issue in validate(resource, profile, **how)]


def test_a_sound_bundle_and_each_of_its_parts_alone_have_no_issue() -> None:
    assert found(BUNDLE, entries=SUBMITTED) == []
    for kind, profile in SUBMITTED.items():
        if kind in {"Patient", "Consent"}:
            assert found(part(kind), profile) == []


def test_all_that_is_wrong_with_a_resource_is_told_at_once() -> None:
    patient = part("Patient")
    patient |= {"birthDate": "tomorrow", "nickname": "A", "gender": "x"}
    del patient["name"], patient["telecom"]
    assert set(found(patient, SUBMITTED["Patient"])) == {
        ("invalid-value", "Patient.birthDate"),
        ("unknown-element", "Patient.nickname"),
        ("unknown-code", "Patient.gender"),
        ("required-element", "Patient.name"),
    }


def test_what_is_unsound_is_not_asked_for_its_meaning() -> None:
    """An invariant over a broken element would only tell the same fault again, in stranger words."""
    patient = part("Patient")
    patient["telecom"] = "040 123"
    assert found(patient, SUBMITTED["Patient"]) == [("wrong-cardinality", "Patient.telecom")]


def test_no_more_than_fifty_are_told_and_the_search_ends() -> None:
    patient = part("Patient")
    patient["name"] = [{"strange": 1}] * 100_000
    assert len(validate(patient)) == MOST_ISSUES


@pytest.mark.parametrize(
    "value", [None, 1, "x", [], {}, {"resourceType": 3}, {"resourceType": "Aino Testinen"}]
)
def test_whatever_is_no_resource_is_told_without_its_words(value: Any) -> None:
    issues = validate(value)
    assert issues
    assert "Testinen" not in repr(issues)
    assert validate(value, SUBMITTED["Patient"])


def test_a_profile_of_somebody_else_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(LookupError):
        validate(part("Patient"), "https://example.org/StructureDefinition/x")


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("urn:uuid:00000000-0000-4000-8000-000000000000", "dangling-reference"),
        ("#gone", "dangling-reference"),
        ("Location/1", "wrong-target"),
        ("https://ehr.example.org/fhir/Group/1/_history/2", "wrong-target"),
        ("https://ehr.example.org/fhir/Patient/1", None),
        ("Patient/1 2", "invalid-value"),
    ],
)
def test_a_reference_is_followed_as_far_as_the_document_goes(reference: str, expected: str | None) -> None:
    bundle = copy.deepcopy(BUNDLE)
    request = next(
        e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "ServiceRequest"
    )
    request["subject"] = {"reference": reference}
    slugs = [slug for slug, place in found(bundle, entries=SUBMITTED) if ".subject" in place]
    assert slugs == ([expected] if expected else [])


@pytest.mark.parametrize("coding", [7, "x", {}, [None], [{"system": []}], [{"system": {}, "code": []}]])
@pytest.mark.parametrize("element", ["category", "reasonCode"])
def test_codings_of_another_shape_are_a_fault_of_the_document_not_of_ours(element: str, coding: Any) -> None:
    request = part("ServiceRequest")
    request[element] = [{"coding": coding}]
    assert found(request, SUBMITTED["ServiceRequest"])


@pytest.mark.parametrize(("said", "wrong"), [("Patient", False), ("Device", True), ("old", False)])
def test_the_type_that_a_reference_says_must_be_one_of_its_targets(said: str, wrong: bool) -> None:
    request = part("ServiceRequest")
    request["subject"] = {"type": said, "identifier": {"system": "https://ehr.example.org", "value": "1"}}
    issues = found(request, SUBMITTED["ServiceRequest"])
    assert (("wrong-target", "ServiceRequest.subject") in issues) is wrong


def test_what_a_reference_of_ours_points_to_in_the_document_keeps_its_profile_too() -> None:
    request = part("ServiceRequest")
    request["contained"] = [{"resourceType": "Patient", "id": "p", "name": [{"text": "Aino Testinen"}]}]
    request["subject"] = {"reference": "#p"}
    issues = found(request, SUBMITTED["ServiceRequest"])
    assert ("phone-required", "ServiceRequest.contained[0].telecom") in issues


def test_an_extension_of_ours_is_known_wherever_it_stands() -> None:
    patient = part("Patient")
    patient["extension"] = [{"url": systems.INITIATIVE_EXTENSION, "valueCode": "nobody"}]
    assert found(patient) == [
        ("misplaced-extension", "Patient.extension[0]"),
        ("unknown-code", "Patient.extension[0].value"),
    ]


@pytest.mark.parametrize(
    ("period", "kept"),
    [
        ({"start": "2026-01-01", "end": "2026-02-01"}, True),
        ({"start": "2026-01-01", "end": "2026-01-01"}, True),
        ({"start": "2026-02-01", "end": "2026-01-01"}, False),
        ({"start": "2026-01-01T10:00:00+02:00", "end": "2026-01-01T08:30:00Z"}, True),
        ({"start": "2026-01-01T10:00:00+02:00", "end": "2026-01-01T07:30:00Z"}, False),
        ({"start": "2026-02-01"}, True),
        ({"end": "2025"}, True),
    ],
)
def test_a_period_ends_after_its_start(period: Resource, kept: bool) -> None:
    patient = part("Patient")
    patient["name"][0]["period"] = period
    expected = [] if kept else [("invariant", "Patient.name[0].period")]
    assert found(patient) == expected


@pytest.mark.parametrize(
    ("markup", "kept"),
    [
        ('<div xmlns="http://www.w3.org/1999/xhtml">Lähete&nbsp;<b>1</b></div>', True),
        ('<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>', False),
        ('<div onclick="x">x</div>', False),
        ("<div> </div>", False),
        ("<p>x</p>", False),
        ("<div>x", False),
        ('<!DOCTYPE d [<!ENTITY a "x">]><div>&a;</div>', False),
    ],
)
def test_a_narrative_is_plain_markup_that_says_something(markup: str, kept: bool) -> None:
    patient = part("Patient")
    patient["text"] = {"status": "generated", "div": markup}
    assert found(patient) == ([] if kept else [("invalid-value", "Patient.text.div")])


def test_what_is_contained_is_of_use() -> None:
    patient = part("Patient")
    patient["contained"] = [{"resourceType": "Organization", "id": "o", "name": "Testilä"}]
    assert found(patient) == [("invariant", "Patient.contained[0]")]
    patient["managingOrganization"] = {"reference": "#o"}
    assert found(patient) == []


def test_the_directory_of_every_county_keeps_its_profiles() -> None:
    files = sorted((ROOT / "counties").glob("*/directory/*.json"))
    assert files
    for file in files:
        document = json.loads(file.read_text())
        one = None if "entry" in document else PROFILES[document["resourceType"]]
        assert found(document, one, entries=PROFILES) == [], file


@pytest.mark.parametrize(
    ("organisation", "kept"),
    [
        ({"name": "a", "_name": {"id": "x"}}, True),
        ({"name": "a", "_name": {}}, False),
        ({"identifier": [{"value": "1"}], "_name": {"id": "x"}}, False),
        ({"name": "a", "alias": ["a", "b"], "_alias": [{"id": "x"}, None]}, True),
        ({"name": "a", "alias": ["a", None], "_alias": [{"id": "x"}, {"id": "y"}]}, False),
    ],
)
def test_an_id_alone_labels_a_primitive_and_is_none(organisation: Resource, kept: bool) -> None:
    """ele-1: an element has a value or children; the value of a primitive stands beside its id."""
    assert (validate({"resourceType": "Organization", **organisation}) == []) == kept


def test_a_risk_may_be_given_in_words_only() -> None:
    low = {"system": "http://terminology.hl7.org/CodeSystem/risk-probability", "code": "low"}
    risk = {"status": "final", "subject": {"reference": "Patient/1"}}
    assert (
        validate(
            {"resourceType": "RiskAssessment", **risk, "prediction": [{"qualitativeRisk": {"coding": [low]}}]}
        )
        == []
    )
