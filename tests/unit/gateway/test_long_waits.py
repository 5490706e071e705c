"""A person hears of whoever has waited for long, once, and of a permission that ends in the line when it
ends, not only when its turn comes."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from referral_gateway.adapters import tables
from support.gateway import Gateway, bundle, referral_id
from support.gateway_county import KOTKA
from support.waitlists import LINE, give, in_line, refer_in_order, set_free, used, waitlist_files

DAY = timedelta(days=1).total_seconds()


def files_with(county_days: int | None, days: int | None) -> dict[str, str]:
    """Kotka takes one; the county, and Kotka's number, say after how many days a person is told."""
    files = waitlist_files(1)
    if county_days is not None:
        county = orjson.loads(files["county.yaml"]) | {"waiting_days": county_days}
        files["county.yaml"] = orjson.dumps(county).decode()
    agreement = orjson.loads(files["agreements/exercise.yaml"])
    if days is not None:
        kotka = next(one for one in agreement["parties"] if one["provider"] == "kotka")
        kotka["number"]["waiting_days"] = days
    return files | {"agreements/exercise.yaml": orjson.dumps(agreement).decode()}


@pytest.mark.parametrize(("county", "agreed", "days"), [(None, None, 30), (20, None, 20), (20, 7, 7)])
async def test_a_person_is_told_after_the_days_that_the_agreement_or_the_county_says(
    gateway: Gateway, county: int | None, agreed: int | None, days: int
) -> None:
    assert (await gateway.load_county(files_with(county, agreed))).status_code == 200
    _, waits = await refer_in_order(gateway, 2)
    gateway.clock.move(days * DAY - 60)
    await give(gateway)
    assert await gateway.open_cases(waits) == []

    gateway.clock.move(60)
    for _ in range(3):
        assert await give(gateway) == 0

    assert await gateway.open_cases(waits) == ["long-wait"]
    (case,) = await gateway.rows(tables.Case, referral=waits)
    assert case.owner == "referral-coordinator"
    assert await in_line(gateway) == [waits]


async def test_the_place_settles_it(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(1))
    first, waits = await refer_in_order(gateway, 2)
    gateway.clock.move(31 * DAY)
    await give(gateway)
    assert await gateway.open_cases(waits) == ["long-wait"]
    await set_free(gateway, first)
    assert await give(gateway) == 1
    assert await gateway.open_cases(waits) == []


async def test_a_place_that_comes_in_the_same_round_asks_nobody(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(1))
    first, waits = await refer_in_order(gateway, 2)
    gateway.clock.move(31 * DAY)
    await set_free(gateway, first)
    assert await give(gateway) == 1
    assert await gateway.rows(tables.Case, referral=waits) == []


@pytest.mark.parametrize("whole", [True, False])
async def test_a_permission_that_ends_in_the_line_ends_the_wait_before_its_turn(
    gateway: Gateway, whole: bool
) -> None:
    """The whole permission, or that part of it which lets the provider be told."""
    await gateway.load_county(waitlist_files(1))
    _, before = await refer_in_order(gateway, 2)
    ends = await _permitted_for(gateway, days=5, whole=whole)
    gateway.clock.move(5 * DAY - 60)
    assert await give(gateway) == 0
    gateway.clock.move(120)

    assert await give(gateway) == 1

    assert await in_line(gateway) == [before]
    (row,) = await gateway.rows(tables.Waiting, referral=ends)
    assert row.left_as == "lapsed"
    assert await gateway.open_cases(ends) == ["permission-ended"]
    assert (await used(gateway))[LINE] == 1
    told = [one["waits_for"] for one in await gateway.told("referral.held") if one["referral"] == ends]
    assert told == ["place", "person"]


async def _permitted_for(gateway: Gateway, *, days: int, whole: bool) -> str:
    """A referral whose permission ends so many days after now."""
    gateway.clock.move(1)
    said = bundle(identifier="R-short", municipality=KOTKA, at=gateway.clock.now())
    consent: dict[str, Any] = next(
        one["resource"] for one in said["entry"] if one["resource"]["resourceType"] == "Consent"
    )
    now = gateway.clock.now()
    period = {"start": (now - timedelta(minutes=1)).isoformat()}
    period["end"] = (now + timedelta(days=days)).isoformat()
    for rule in [consent["provision"]] if whole else consent["provision"]["provision"][:1]:
        rule["period"] = period
    answer = await gateway.post(said)
    assert answer.status_code == 200, answer.text
    return referral_id(answer)


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ({"most": 0, "period": "year", "waitlist": 3}, "parties[0].number.waitlist"),
        ({"most": 2, "period": "year", "waiting_days": 3}, "parties[0].number.waiting_days"),
        ({"most": 2, "period": "year", "waitlist": 3, "waiting_days": 0}, "parties[0].number.waiting_days"),
    ],
)
async def test_a_line_that_cannot_be_is_refused_with_its_place(
    gateway: Gateway, number: dict[str, Any], place: str
) -> None:
    files = waitlist_files(1)
    agreement = orjson.loads(files["agreements/exercise.yaml"])
    agreement["parties"][0]["number"] = number
    answer = await gateway.load_county(files | {"agreements/exercise.yaml": orjson.dumps(agreement).decode()})
    assert [one["place"] for one in answer.json()["problems"]] == [place]
    assert all(one["remedy"] for one in answer.json()["problems"])


@pytest.mark.parametrize("wrong", [0, -1, 1001, False, "all"])
async def test_a_waitlist_that_cannot_be_is_refused_with_its_place(gateway: Gateway, wrong: object) -> None:
    response = await gateway.load_county(waitlist_files(1, wrong))
    assert [one["place"] for one in response.json()["problems"]] == ["parties[0].number.waitlist"]
