"""Requests shaped as Gravity's SDOH Clinical Care 3.0.0 and Physical Activity 1.0.1 shape theirs get the
exact answer that our guide says: what ours need and theirs lack is named, with its place."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.neighbours import CASES, lines_of, told
from support.routes_world import World, county_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with county_world(tmp_path) as opened:
        yield opened


async def test_every_answer_is_the_one_that_the_guide_says(world: World) -> None:
    """The guide's table is these answers, in this order: on a difference, the left side is what to write."""
    answered: list[str] = []
    for case in CASES:
        headers = world.as_ehr() | {"content-type": "application/fhir+json"}
        answer = await world.three.http.post("/fhir", content=case.read_bytes(), headers=headers)
        answered += lines_of(case, answer)
    assert answered == told()


async def test_what_is_taken_is_served_with_their_codings_beside_ours(world: World) -> None:
    taken = [case for case in CASES if case.stem.endswith("theirs-and-ours-together")]
    assert len(taken) == 2
    for case in taken:
        posted = json.loads(case.read_text())
        [theirs] = [
            e["resource"] for e in posted["entry"] if e["resource"]["resourceType"] == "ServiceRequest"
        ]
        headers = world.as_ehr() | {"content-type": "application/fhir+json"}
        answer = await world.three.http.post("/fhir", content=case.read_bytes(), headers=headers)
        assert answer.status_code == 200, answer.text
        places = [entry["response"]["location"] for entry in answer.json()["entry"]]
        referral = next(place for place in places if place.startswith("ServiceRequest/")).split("/")[1]
        kept = await world.three.http.get(f"/fhir/ServiceRequest/{referral}", headers=world.as_ehr())
        for element in ("category", "code", "reasonCode", "occurrencePeriod"):
            assert kept.json()[element] == theirs[element]


def test_both_guides_have_cases_that_are_taken_and_cases_that_are_refused() -> None:
    statuses = {
        (line.split("[")[1].split("-")[0], line.split("|")[2].strip()) for line in told() if "[" in line
    }
    assert {("gravity", "200"), ("gravity", "422"), ("physical", "200"), ("physical", "422")} <= statuses
    assert len(CASES) >= 15
