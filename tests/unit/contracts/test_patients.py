"""Whom to call, how old, from where, with which protection."""

from datetime import date
from typing import Any

import pytest
from referral_contracts import systems
from referral_contracts.fhir import patients
from support.referrals import referral_bundle


def patient_of(**choices: Any) -> dict[str, Any]:
    return referral_bundle(identifier="R-1", **choices)["entry"][0]["resource"]


def test_the_client_is_the_one_to_call() -> None:
    [client] = patients.whom_to_call(
        patient_of(client_name="Testinen, Aino", phone="+358 40 1"), guardian_gave=False
    )
    assert (client.name, client.phones) == ("Aino Testinen", ("+358 40 1",))


def test_a_guardian_who_gave_the_permission_is_called_first() -> None:
    patient = patient_of(child=True, phone="+358 40 1")
    patient["telecom"] = [{"system": "phone", "value": "+358 40 2"}]
    guardian, child = patients.whom_to_call(patient, guardian_gave=True)
    assert (guardian.phones, guardian.relationships, child.phones) == (
        ("+358 40 1",),
        ("MTH",),
        ("+358 40 2",),
    )


def test_numbers_come_by_rank_and_old_ones_not_at_all() -> None:
    numbers = [
        {"system": "phone", "value": "third"},
        {"system": "phone", "value": "second", "rank": 2},
        {"system": "sms", "value": "first", "rank": 1},
        {"system": "phone", "value": "gone", "use": "old"},
        {"system": "email", "value": "a@example.org"},
    ]
    assert patients.phones({"telecom": numbers}) == ("first", "second", "third")


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("2017-03-02", 9),
        ("2017-03-03", 8),
        ("2016", 9),
        ("2017-03", 8),
        ("2017-02", 9),
        (None, None),
    ],
)
def test_age_counts_full_years_and_the_younger_where_in_doubt(born: str | None, age: int | None) -> None:
    assert patients.age_on({"birthDate": born} if born else {}, date(2026, 3, 2)) == age


def test_the_official_name_is_shown() -> None:
    names = [
        {"use": "nickname", "given": ["Ansku"]},
        {"use": "official", "given": ["Anna"], "family": "Testinen"},
    ]
    assert patients.display_name({"name": names}) == "Anna Testinen"
    assert patients.display_name({"name": [{"text": "Anna Testinen"}]}) == "Anna Testinen"
    assert patients.display_name({}) == ""


@pytest.mark.parametrize("system", [systems.MUNICIPALITY_CODES, f"{systems.MUNICIPALITY_CODES}.2003"])
def test_the_municipality_is_read_from_the_code_set_and_its_versions(system: str) -> None:
    patient = patient_of(municipality="286")
    patient["extension"][0]["valueCoding"]["system"] = system
    assert patients.municipality(patient) == "286"


def test_a_municipality_of_another_code_set_is_not_read() -> None:
    patient = patient_of()
    patient["extension"][0]["valueCoding"]["system"] = "urn:oid:1.2.3"
    assert patients.municipality(patient) is None
    assert patients.municipality(patient_of(municipality=None)) is None


def test_labels_and_needs_are_read() -> None:
    plain, marked = patient_of(), patient_of(protected=True, test=True, interpreter=True)
    assert (patients.is_protected(plain), patients.is_test(plain), patients.interpreter_required(plain)) == (
        False,
        False,
        False,
    )
    assert patients.is_protected(marked)
    assert patients.is_test(marked)
    assert patients.interpreter_required(marked)
    assert patients.language(marked) == "ar"


def test_only_a_valid_hetu_is_a_hetu() -> None:
    patient = patient_of(hetu=True)
    code = patients.hetu(patient)
    assert code is not None
    assert code[7:10] == "901"
    patient["identifier"][0]["value"] = code[:-1] + ("A" if code[-1] != "A" else "B")
    assert patients.hetu(patient) is None
