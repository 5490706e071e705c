"""How far the county's agreements are used: told on request, counted, and logged at the crossing."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from service_runtime import logs
from support.gateway import Gateway, bundle, moved
from support.gateway_county import KOTKA, county_files, with_courses


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What is written to the log."""
    stream = io.StringIO()
    logs.configure(service="referral-gateway", stream=stream)
    yield stream
    logs.configure(service="tests")


def crossings(logged: io.StringIO) -> list[tuple[str, str, int]]:
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    return [
        (one["quota"], one["state"], one["count"]) for one in lines if one["event"] == "agreement.reached"
    ]


def with_terms(files: dict[str, str], **terms: Any) -> dict[str, str]:
    agreement = orjson.loads(files["agreements/exercise.yaml"])
    return files | {"agreements/exercise.yaml": orjson.dumps(agreement | terms).decode()}


async def listed(gateway: Gateway, provider: str) -> list[dict[str, Any]]:
    response = await gateway.http.get("/gateway/agreements", headers=gateway.as_staff())
    assert response.status_code == 200
    return [one for one in response.json()["agreements"] if one["provider"] == provider]


async def test_a_number_is_told_with_what_is_used_and_left(gateway: Gateway) -> None:
    await gateway.load_county(county_files(numbers={"kotka": 5}))
    for _ in range(2):
        await gateway.refer(municipality=KOTKA)

    (kotka,) = await listed(gateway, "kotka")

    assert kotka == {
        "agreement": "exercise", "pathway": "exercise", "provider": "kotka", "service": "kotka-neuvonta",
        "municipalities": [KOTKA], "valid_from": "2023-09-01", "valid_until": None, "period": "year",
        "number": 5, "used": 2, "left": 3, "shared": False, "warn_at": 80, "state": "ok",
        "waitlist": None, "waiting": None,
    }  # fmt: skip
    (liikkujat,) = await listed(gateway, "liikkujat")
    assert (liikkujat["municipalities"], liikkujat["number"], liikkujat["left"]) == ("all", None, None)
    assert liikkujat["state"] == "ok"


@pytest.mark.parametrize(
    ("used", "warn_at", "state"), [(3, 80, "ok"), (4, 80, "warning"), (5, 80, "full"), (2, 40, "warning")]
)
async def test_the_state_follows_what_is_used(gateway: Gateway, used: int, warn_at: int, state: str) -> None:
    files = with_terms(county_files(numbers={"kotka": 5}), warn_at=warn_at)
    assert (await gateway.load_county(files)).status_code == 200
    for _ in range(used):
        await gateway.refer(municipality=KOTKA)
    (kotka,) = await listed(gateway, "kotka")
    assert (kotka["state"], kotka["left"]) == (state, 5 - used)


@pytest.mark.parametrize(
    ("valid", "state"),
    [
        ({"from": "2023-09-01", "until": "2026-03-01"}, "expired"),
        ({"from": "2023-09-01", "until": "2026-03-02"}, "ok"),
        ({"from": "2026-03-03"}, "not-yet"),
    ],
)
async def test_the_state_follows_the_day(gateway: Gateway, valid: dict[str, str], state: str) -> None:
    await gateway.load_county(with_terms(county_files(numbers={"kotka": 5}), valid=valid))
    assert [one["state"] for one in await listed(gateway, "kotka")] == [state]


async def test_the_day_is_finlands(gateway: Gateway) -> None:
    """At 22:30 UTC on the last day the agreement is over here."""
    terms = {"from": "2023-09-01", "until": "2026-03-02"}
    await gateway.load_county(with_terms(county_files(), valid=terms))
    gateway.clock.at = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    assert [one["state"] for one in await listed(gateway, "kotka")] == ["expired"]


async def test_a_number_that_is_shared_says_so_for_each_party(gateway: Gateway) -> None:
    await gateway.load_county(with_terms(county_files(), number={"most": 10, "period": "month"}))
    await gateway.refer(municipality=KOTKA)
    (kotka,), (hamina,) = await listed(gateway, "kotka"), await listed(gateway, "hamina")
    assert {(one["shared"], one["used"], one["left"]) for one in (kotka, hamina)} == {(True, 1, 9)}


async def test_a_number_that_nobody_else_uses_is_not_called_shared(gateway: Gateway) -> None:
    """The other party has one of its own."""
    files = with_terms(county_files(numbers={"kotka": 3}), number={"most": 10, "period": "month"})
    await gateway.load_county(files)
    (kotka,), (hamina,) = await listed(gateway, "kotka"), await listed(gateway, "hamina")
    assert [(one["shared"], one["number"]) for one in (kotka, hamina)] == [(False, 3), (False, 10)]


async def test_a_course_that_has_begun_is_over_and_another_tells_its_places(gateway: Gateway) -> None:
    await gateway.load_county(with_courses(county_files(), 4, 4, starts="2026-03-02"))
    told = [(one["period"], one["number"], one["state"]) for one in await listed(gateway, "kotka")]
    assert sorted(told) == [("course course-1", 4, "expired"), ("course course-2", 4, "ok")]


async def test_the_crossing_is_logged_once_and_the_next_referrals_say_nothing(
    gateway: Gateway, logged: io.StringIO
) -> None:
    await gateway.load_county(county_files(numbers={"kotka": 10}))
    for _ in range(12):
        await gateway.refer(municipality=KOTKA)
    assert crossings(logged) == [
        ("exercise/kotka/2026", "warning", 8),
        ("exercise/kotka/2026", "full", 10),
    ]


async def test_a_repeat_of_the_referral_at_the_crossing_logs_nothing_more(
    gateway: Gateway, logged: io.StringIO
) -> None:
    await gateway.load_county(county_files(numbers={"kotka": 2}))
    await gateway.refer(municipality=KOTKA)
    last = bundle(identifier="R-9", municipality=KOTKA)
    assert [(await gateway.post(last)).status_code for _ in range(3)] == [200] * 3
    assert crossings(logged) == [("exercise/kotka/2026", "full", 2)]


async def test_a_crossing_by_a_re_route_is_logged_too(gateway: Gateway, logged: io.StringIO) -> None:
    await gateway.load_county(county_files(numbers={"liikkujat": 1}))
    referral = await gateway.refer(municipality=KOTKA)
    rejected = moved(await gateway.routing(referral), "rejected", releases_quota=True, reroute="automatic")
    await gateway.hear(rejected)
    assert (await gateway.routing(referral)).provider == "liikkujat"
    assert crossings(logged) == [("backup/liikkujat/2026", "full", 1)]


async def test_prometheus_gets_counts_that_name_nobody(gateway: Gateway) -> None:
    files = with_terms(county_files(numbers={"kotka": 1, "hamina": 0}, backup=False), warn_at=50)
    await gateway.load_county(files)
    await gateway.refer(municipality=KOTKA)
    lines = (await gateway.parts.metrics.render()).decode().splitlines()
    told = sorted(line for line in lines if line.startswith("lahetti_agreement_parties{"))
    assert told == [
        'lahetti_agreement_parties{state="expired"} 0.0',
        'lahetti_agreement_parties{state="full"} 2.0',
        'lahetti_agreement_parties{state="warning"} 0.0',
    ]


async def test_only_staff_may_see_them(gateway: Gateway) -> None:
    assert (await gateway.http.get("/gateway/agreements", headers=gateway.as_ehr())).status_code == 403
    assert (await gateway.http.get("/gateway/agreements")).status_code == 401


@pytest.mark.parametrize("wrong", [0, 101, "80"])
async def test_a_share_that_cannot_be_is_refused_with_its_place(gateway: Gateway, wrong: object) -> None:
    response = await gateway.load_county(with_terms(county_files(), warn_at=wrong))
    assert [one["place"] for one in response.json()["problems"]] == ["warn_at"]
