"""What R4 asks in its text and in no definition: codes that exist, ids that differ, addresses, labels."""

import copy
import json
from typing import Any

import pytest
from referral_contracts.fhir.validation import validate
from referral_contracts.systems import CANONICAL
from support.examples import ROOT

REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ANY_CASE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
FOREIGN = "https://vendor.example.org/more"
TASK: dict[str, Any] = {"resourceType": "Task", "id": "t1", "status": "requested", "intent": "order"}


def found(resource: Any = TASK, **more: Any) -> list[tuple[str, str]]:
    return [(issue.slug, issue.expression[0]) for issue in validate({**copy.deepcopy(resource), **more})]


def concept(*codings: dict[str, str]) -> dict[str, Any]:
    return {"coding": list(codings)}


@pytest.mark.parametrize(
    ("coding", "known"),
    [
        ({"system": REASON, "code": "HTEST"}, True),
        ({"system": REASON, "code": "no-such"}, False),
        ({"system": REASON, "code": "htest"}, False),
        ({"system": REASON, "code": "HTEST" * 100}, False),
        ({"system": REASON, "code": "HTEST|TREAT"}, False),
        ({"system": ANY_CASE, "code": "a0"}, True),
        ({"system": ANY_CASE, "code": "no-such"}, False),
        ({"system": f"{CANONICAL}/CodeSystem/consent-purpose", "code": "no-such"}, False),
        ({"system": "http://terminology.hl7.org/CodeSystem/v3-Country", "code": "FI"}, False),
        ({"system": REASON}, True),
        ({"code": "HTEST"}, True),
    ],
)
def test_a_code_that_its_published_system_lacks_is_refused_wherever_it_stands(
    coding: dict[str, str], known: bool
) -> None:
    def at(place: str) -> list[tuple[str, str]]:
        return [] if known else [("unknown-code", f"{place}.code")]

    assert found(code=concept(coding)) == at("Task.code.coding[0]")
    assert found(meta={"tag": [coding]}) == at("Task.meta.tag[0]")
    assert found(extension=[{"url": FOREIGN, "valueCoding": coding}]) == at("Task.extension[0].value")


@pytest.mark.parametrize(
    "system",
    [
        "https://county.example.org/codes",
        "urn:oid:1.2.246.537.6.1",
        f"{CANONICAL}/CodeSystem/service-type",
        "http://loinc.org",
        "http://terminology.hl7.org/CodeSystem/not-published-yet",
    ],
)
def test_codes_of_a_system_that_is_not_published_whole_are_free(system: str) -> None:
    assert found(code=concept({"system": system, "code": "whatever-they-need"})) == []


def test_a_good_coding_does_not_excuse_another() -> None:
    good, bad = {"system": REASON, "code": "HTEST"}, {"system": REASON, "code": "x"}
    assert found(code=concept(good, bad)) == [("unknown-code", "Task.code.coding[1].code")]


def test_another_version_of_a_system_may_have_other_codes() -> None:
    other = {"system": REASON, "version": "2018-08-12", "code": "x"}
    assert found(code=concept(other)) == []
    text = (ROOT / "libs/referral-contracts/src/referral_contracts/fhir/code_systems.json").read_text()
    version = json.loads(text)["exact"][REASON].partition("|")[0]
    assert found(code=concept({**other, "version": version})) != []


def test_a_unit_is_a_code_too() -> None:
    quantity = {"value": 1, "system": REASON, "code": "x"}
    assert found(extension=[{"url": FOREIGN, "valueQuantity": quantity}]) == [
        ("unknown-code", "Task.extension[0].value.code")
    ]


def test_an_element_that_is_refused_for_its_codes_is_told_once() -> None:
    wrong = concept({"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "x"})
    consent = {"resourceType": "Consent", "status": "active", "scope": wrong, "category": [wrong]}
    issues = validate(consent, f"{CANONICAL}/StructureDefinition/lahetti-consent")
    assert [i.expression for i in issues if "scope" in i.expression[0]] == [("Consent.scope",)]


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"note": [{"id": "a", "text": "x"}, {"id": "a", "text": "y"}]}, "Task.note[1].id"),
        ({"note": [{"id": "a", "text": "x"}], "code": {"id": "a", "text": "y"}}, "Task.code.id"),
        ({"code": {"id": "a", "text": "y"}, "_status": {"id": "a"}}, "Task.status.id"),
        ({"code": {"id": "t1", "text": "the id of the resource is none of an element"}}, None),
    ],
)
def test_ids_of_elements_differ_inside_a_resource(more: dict[str, Any], place: str | None) -> None:
    assert found(**more) == ([("invalid-value", place)] if place else [])


def test_ids_of_elements_may_be_the_same_in_different_resources() -> None:
    inner = {"resourceType": "Basic", "id": "b", "code": {"id": "a", "text": "x"}}
    more = {"contained": [inner], "focus": {"reference": "#b"}, "code": {"id": "a", "text": "y"}}
    assert found(**more) == []
    twice = {"contained": [inner, {**inner, "code": {"text": "y"}}], "focus": {"reference": "#b"}}
    assert found(**twice) == [("invalid-value", "Task.contained[1].id")]


def test_a_label_is_given_once() -> None:
    label = {"system": REASON, "code": "HTEST"}
    other = {"system": REASON, "code": "TREAT"}
    again = {**label, "display": "test health data"}
    assert found(meta={"security": [label, other]}) == []
    assert found(meta={"security": [label, other, again]}) == [("invalid-value", "Task.meta.security[2]")]


@pytest.mark.parametrize("url", ["more", "more/x", "#more", "12", "http:", "HTTP://vendor.example.org"])
def test_an_extensions_address_is_absolute_but_inside_an_extension(url: str) -> None:
    one = {"url": url, "valueString": "x"}
    assert found(extension=[one]) == [("invalid-value", "Task.extension[0].url")]
    assert found(extension=[{"url": FOREIGN, "extension": [one]}]) == []


@pytest.mark.parametrize(
    ("system", "coding", "identifier"),
    [
        ("https://ehr.example.org/unit", True, True),
        ("urn:oid:1.2.246.537.6.1", True, True),
        ("ldap://ehr.example.org", False, True),
        ("ftp://ehr.example.org", False, False),
        ("unit", False, False),
        ("urn:uuid:not-a-uuid", False, False),
        ("urn:oid:3.2", False, False),
        ("urn:oid:1.2", False, False),
    ],
)
def test_systems_of_codes_and_identifiers_are_absolute(system: str, coding: bool, identifier: bool) -> None:
    one = [("invalid-value", "Task.meta.tag[0].system")]
    assert found(meta={"tag": [{"system": system, "code": "x"}]}) == ([] if coding else one)
    other = [("invalid-value", "Task.identifier[0].system")]
    assert found(identifier=[{"system": system, "value": "x"}]) == ([] if identifier else other)


def test_an_identifier_that_is_an_address_is_one() -> None:
    system = "urn:ietf:rfc:3986"
    assert found(identifier=[{"system": system, "value": "https://ehr.example.org/1"}]) == []
    assert found(identifier=[{"system": system, "value": "12"}]) == [
        ("invalid-value", "Task.identifier[0].value")
    ]


@pytest.mark.parametrize(
    ("reference", "slug", "below"),
    [
        ({"reference": "Patient/1 2"}, "invalid-value", ".reference"),
        ({"reference": "Patient?identifier=x|1"}, "invalid-value", ".reference"),
        ({"reference": "#"}, "dangling-reference", ".reference"),
        ({"reference": "Patient/1", "type": "Device"}, "wrong-target", ""),
        ({"reference": "https://ehr.example.org/fhir/Patient/1", "type": "Device"}, "wrong-target", ""),
    ],
)
def test_a_reference_has_the_form_of_one_and_is_of_the_type_that_it_says(
    reference: dict[str, str], slug: str, below: str
) -> None:
    assert found(focus=reference) == [(slug, f"Task.focus{below}")]


def test_a_type_that_a_reference_says_is_one_of_those_that_it_may_have() -> None:
    assert found(encounter={"reference": "urn:uuid:1", "type": "Encounter"}) == []
    assert found(encounter={"reference": "urn:uuid:1", "type": "Device"}) == [
        ("wrong-target", "Task.encounter")
    ]
    assert found(encounter={"reference": "Encounter"}) == [("wrong-target", "Task.encounter")]


def test_a_choice_is_made_once_and_where_it_must_be_made_it_is() -> None:
    note = {"text": "Soitan huomenna.", "authorString": "Testaaja"}
    assert found(note=[note]) == []
    twice = note | {"authorReference": {"display": "Testaaja"}}
    assert found(note=[note, twice]) == [("wrong-cardinality", "Task.note[1].author")]
    assert found(input=[{"type": {"text": "x"}}]) == [("required-element", "Task.input[0].value")]
    assert found(input=[{"type": {"text": "x"}, "valueString": "y"}]) == []


def test_a_code_of_a_closed_list_cannot_stand_without_itself() -> None:
    absent = {"extension": [{"url": FOREIGN, "valueString": "not asked"}]}
    unsaid = {name: part for name, part in TASK.items() if name != "status"}
    assert found(unsaid, _status=absent) == [("required-element", "Task.status")]
    assert found(_authoredOn=absent) == []
    hours = {"daysOfWeek": ["mon", None], "_daysOfWeek": [None, absent]}
    service = {"resourceType": "HealthcareService", "availableTime": [hours]}
    assert found(service) == [("required-element", "HealthcareService.availableTime[0].daysOfWeek[1]")]


def test_an_entrys_address_is_absolute() -> None:
    entry = {"resource": TASK, "request": {"method": "POST", "url": "Task"}}
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "transaction"}
    assert found(bundle, entry=[{**entry, "fullUrl": "urn:uuid:01920000-0031-7000-8000-000000000000"}]) == []
    assert found(bundle, entry=[{**entry, "fullUrl": "Task/1"}]) == [
        ("invalid-value", "Bundle.entry[0].fullUrl")
    ]
