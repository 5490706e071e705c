"""Whom the page asks the provider to call."""

from datetime import date
from typing import Any

import pytest
from outcome_collector.entrypoints.page.call_card import CallCard, call_card, spoken_language
from support.page import FAMILY, PHONE, documents

TODAY = date(2026, 3, 2)
CLIENT = f"Esimerkki Aino {FAMILY}"


def card(change: Any = None, **choices: Any) -> CallCard:
    _, patient, consent = documents(**choices)
    if change:
        change(patient)
    shown = call_card(patient, consent, "fi", TODAY)
    assert shown is not None
    return shown


def relative(**more: Any) -> dict[str, Any]:
    name = {"family": "Läheinen", "given": ["Esimerkki"]}
    return {"name": name, "telecom": [{"system": "phone", "value": "+358 40 000 0111"}], **more}


def test_an_adult_is_called_in_person() -> None:
    shown = card()
    assert (shown.name, shown.phones, shown.role) == (CLIENT, (PHONE,), "client")
    assert (shown.child, shown.others) == (False, ())


def test_for_a_child_the_guardian_who_gave_the_permission_is_called() -> None:
    shown = card(child=True)
    assert (shown.name, shown.phones, shown.role) == (f"Huoltaja {FAMILY}", (PHONE,), "guardian")
    assert (shown.client_name, shown.child) == (CLIENT, True)


def test_a_child_s_own_number_comes_after_the_guardian_s() -> None:
    own = "+358 40 000 0222"
    shown = card(lambda p: p.update(telecom=[{"system": "phone", "value": own}]), child=True)
    assert (shown.role, shown.phones) == ("guardian", (PHONE,))
    assert [(other.name, other.phones) for other in shown.others] == [(CLIENT, (own,))]


def test_a_guardian_of_the_same_name_is_still_a_guardian() -> None:
    def same_name(patient: dict[str, Any]) -> None:
        patient["contact"][0]["name"] = patient["name"][0]

    shown = card(same_name, child=True)
    assert (shown.name, shown.role) == (CLIENT, "guardian")


def test_an_adult_who_can_be_reached_only_through_somebody_has_a_contact_and_no_guardian() -> None:
    def only_through(patient: dict[str, Any]) -> None:
        del patient["telecom"]
        patient["contact"] = [relative()]

    shown = card(only_through)
    assert (shown.name, shown.role) == ("Esimerkki Läheinen", "contact")
    assert (shown.client_name, shown.child) == (CLIENT, False)


def test_an_adult_for_whom_somebody_else_gave_the_permission_has_no_guardian() -> None:
    shown = card(lambda p: p.update(birthDate="1950-01-01"), child=True)
    assert (shown.role, shown.child) == ("contact", False)


def test_of_a_protected_child_the_guardian_is_known_and_the_age_is_not() -> None:
    shown = card(child=True, protected=True)
    assert (shown.name, shown.role, shown.child) == (f"Huoltaja {FAMILY}", "guardian", False)
    assert shown.language is None


def test_the_need_of_an_interpreter_is_told_even_where_the_language_is_not() -> None:
    shown = card(lambda p: p.pop("communication"), interpreter=True)
    assert (shown.interpreter, shown.language) == (True, None)


def test_without_any_number_there_is_nobody_to_call() -> None:
    _, patient, consent = documents()
    del patient["telecom"]
    assert call_card(patient, consent, "fi", TODAY) is None


@pytest.mark.parametrize(
    ("code", "fi", "sv", "en"),
    [
        ("fi", "suomi", "finska", "Finnish"),
        ("ar", "arabia", "arabiska", "Arabic"),
        ("xx-nobody", "xx-nobody", "xx-nobody", "xx-nobody"),
        ("?", "?", "?", "?"),
    ],
)
def test_the_client_s_language_is_named_in_the_page_s(code: str, fi: str, sv: str, en: str) -> None:
    assert [spoken_language(code, shown_in) for shown_in in ("fi", "sv", "en")] == [fi, sv, en]
