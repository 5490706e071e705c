"""A service's capacity signal (SDOH Clinical Care 3.0.0) decides whether referrals are routed to it."""

import json
from datetime import date
from typing import Any

import pytest
from referral_contracts import systems
from referral_contracts.fhir.consents import Recipients
from referral_gateway.adapters.county_reading import read_county
from referral_gateway.domain.county import County, CountyError
from referral_gateway.domain.routing import Exclusion, Wanted, candidates, choose, explain
from support.examples import county_files

FILES = county_files()
KOTKA = json.loads(FILES["directory/kotka.json"])


def signal(*codes: str, system: str = systems.GRAVITY_CODES) -> dict[str, Any]:
    """The extension as their guide shapes it, with these codes beside each other."""
    coded = {"coding": [{"system": system, "code": code} for code in codes]}
    return {
        "url": systems.CAPACITY_EXTENSION,
        "extension": [
            {"url": "capacityStatus", "valueCodeableConcept": coded},
            {"url": "capacityNotes", "valueString": "Ryhmät ovat täynnä."},
        ],
    }


def signalling(*extensions: dict[str, Any]) -> County:
    """Kymenlaakso, with these extensions on Kotka's counselling."""
    bundle = json.loads(json.dumps(KOTKA))
    for entry in bundle["entry"]:
        if extensions and entry["resource"]["id"] == "kotka-liikuntaneuvonta":
            entry["resource"]["extension"] = list(extensions)
    return read_county(FILES | {"directory/kotka.json": json.dumps(bundle)})


WANTED = Wanted(
    "exercise", date(2026, 3, 2), Recipients(kinds=frozenset({"municipality"})), municipality="285"
)


@pytest.mark.parametrize(
    ("extensions", "takes"),
    [
        ((), True),
        ((signal("capacity"),), True),
        ((signal("no-capacity"),), False),
        ((signal("waitlist"),), False),
        (({"url": "urn:x:other", "valueBoolean": False},), True),
    ],
    ids=["none", "capacity", "no-capacity", "waitlist", "another-extension"],
)
def test_a_service_without_room_is_passed_over_and_says_so(
    extensions: tuple[dict[str, Any], ...], takes: bool
) -> None:
    looked_at = candidates(signalling(*extensions), WANTED)
    chosen = choose(looked_at)
    assert (chosen is not None and chosen.provider == "kotka") is takes
    told = dict(explain(looked_at))
    assert told.get("kotka") == (None if takes else str(Exclusion.NO_ROOM))


@pytest.mark.parametrize(
    "extensions",
    [
        (signal("perhaps"),),
        (signal("capacity", system="urn:x"),),
        (signal("capacity", "no-capacity"),),
        (signal("capacity"), signal("no-capacity")),
        ({"url": systems.CAPACITY_EXTENSION, "valueCode": "capacity"},),
    ],
    ids=["unknown-code", "other-system", "both-codes", "two-signals", "a-bare-value"],
)
def test_a_signal_that_says_nothing_clear_is_refused_with_its_place(
    extensions: tuple[dict[str, Any], ...],
) -> None:
    with pytest.raises(CountyError) as refused:
        signalling(*extensions)
    [problem] = refused.value.problems
    assert (problem.file, problem.place) == ("directory/kotka.json", "entry[1].resource.extension")
    assert problem.line
