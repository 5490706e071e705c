"""A course has places: each is held for one client from acceptance on, and given back by the reason."""

import asyncio
from collections import Counter

import orjson
import pytest
from lahetti.simulators.routing_facts import with_facts
from referral_contracts.status_reasons import STATUS_REASONS, releases_quota
from referral_gateway.adapters import tables
from service_runtime.ids import new_id
from support.gateway import Gateway, bundle, issues, moved, referral_id
from support.gateway_county import KOTKA, county_files, with_courses

WRITERS, TO_A_FILE = 200, 60


async def used(gateway: Gateway) -> dict[str, int]:
    return {row.key.rpartition("/")[2]: row.used for row in await gateway.rows(tables.Quota)}


async def test_invariant_of_200_at_once_no_course_ever_gets_one_more_than_it_has_places(
    gateway: Gateway,
) -> None:
    """INVARIANT: never one more than there are. A place that is counted before it is held breaks this."""
    files = with_courses(county_files(backup=False), 16, 7, 12)
    assert (await gateway.load_county(files)).status_code == 200

    writers = WRITERS if gateway.base.database.dialect == "postgresql" else TO_A_FILE

    async def post(number: int) -> int:
        """As an honest record system: what could not be served just now is sent again."""
        while (status := await _status(gateway, number)) == 503:
            pass
        return status

    answers = await asyncio.gather(*(post(number) for number in range(writers)))

    assert Counter(answers) == {200: 35, 422: writers - 35}
    assert await used(gateway) == {"course-1": 16, "course-2": 7, "course-3": 12}
    held = Counter(row.quota_key.rpartition("/")[2] for row in await gateway.rows(tables.Routing))
    assert held == {"course-1": 16, "course-2": 7, "course-3": 12}
    assert len(await gateway.told("referral.routed")) == 35


async def _status(gateway: Gateway, number: int) -> int:
    return (await gateway.post(bundle(identifier=f"R-{number}", municipality=KOTKA))).status_code


async def test_the_next_course_is_the_earliest_that_has_a_place(gateway: Gateway) -> None:
    await gateway.load_county(with_courses(county_files(backup=False), 1, 2))
    referrals = [await gateway.refer(municipality=KOTKA) for _ in range(3)]
    keys = [(await gateway.routing(one)).quota_key.rpartition("/")[2] for one in referrals]
    assert keys == ["course-1", "course-2", "course-2"]
    response = await gateway.post(bundle(identifier="R-9", municipality=KOTKA))
    assert [slug for slug, _ in issues(response)].count("course-full") == 2


@pytest.mark.parametrize("reason", ["client-declined", "wrong-referral", "client-not-reached"])
async def test_a_place_comes_back_as_the_reasons_property_says(gateway: Gateway, reason: str) -> None:
    await gateway.load_county(with_courses(county_files(backup=False), 1))
    found = await gateway.refer(municipality=KOTKA)
    releases = releases_quota(STATUS_REASONS[reason], started=False)
    await gateway.hear(moved(await gateway.routing(found), "rejected", releases_quota=releases))
    assert await used(gateway) == {"course-1": 0 if releases else 1}
    again = await gateway.post(bundle(identifier="R-2", municipality=KOTKA))
    assert again.status_code == (200 if releases else 422)


async def test_the_provider_reads_when_and_where_the_course_is(gateway: Gateway) -> None:
    await gateway.load_county(with_courses(county_files(), 1))
    found = await gateway.refer(municipality=KOTKA)
    first = await gateway.routing(found)
    order = (await gateway.get(f"ServiceRequest/{first.id}", gateway.as_provider("kotka"))).json()
    assert order["occurrencePeriod"] == {"start": "2026-04-01", "end": "2026-05-31"}
    assert order["locationCode"] == [{"text": "Kotkan kuntosali"}]
    await gateway.hear(moved(first, "rejected", releases_quota=True, reroute="automatic"))
    second = await gateway.routing(found)
    order = (await gateway.get(f"ServiceRequest/{second.id}", gateway.as_provider("liikkujat"))).json()
    assert not {"occurrencePeriod", "locationCode"} & order.keys()


async def test_nobody_is_sent_to_a_course_that_has_begun(gateway: Gateway) -> None:
    await gateway.load_county(with_courses(county_files(backup=False), 5, 5, starts="2026-03-01"))
    response = await gateway.post(bundle(identifier="R-1", municipality=KOTKA))
    assert [slug for slug, _ in issues(response)] == ["no-candidate", "course-begun", "course-begun"]


async def test_a_course_may_take_certain_referrers_clients_only(gateway: Gateway) -> None:
    files = with_courses(county_files(backup=False), 5)
    agreement = orjson.loads(files["agreements/exercise.yaml"])
    for one in agreement["parties"]:
        one["referrers"] = [{"professions": ["physiotherapist"]}]
    await gateway.load_county(files | {"agreements/exercise.yaml": orjson.dumps(agreement).decode()})
    refused = await gateway.post(bundle(identifier="R-1", municipality=KOTKA))
    assert ("referrer-not-taken", None) in issues(refused)
    taken = await gateway.post(
        with_facts(bundle(identifier="R-2", municipality=KOTKA), profession="physiotherapist")
    )
    assert (await gateway.routing(referral_id(taken))).provider == "kotka"


async def test_a_dry_run_tells_dates_place_and_what_is_left(gateway: Gateway) -> None:
    await gateway.load_county(with_courses(county_files(backup=False), 3))
    await gateway.refer(municipality=KOTKA)
    headers = gateway.as_ehr() | {"Accept-Language": "sv"}
    asked = bundle(identifier=new_id(), municipality=KOTKA)
    answer = await gateway.http.post("/fhir/ServiceRequest/$route", json=asked, headers=headers)
    (candidate,) = [
        {part["name"]: part for part in one["part"]}
        for one in answer.json()["parameter"]
        if one["name"] == "candidate" and {"name": "chosen", "valueBoolean": True} in one["part"]
    ]
    assert candidate["left"]["valueInteger"] == 2
    assert candidate["starts"]["valueDate"] == "2026-04-01"
    assert candidate["where"]["valueString"] == "Gymmet i Kotka"


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"ends": "2026-03-01"}, "parties[1].course"),
        ({"id": "course-2"}, "parties[2].course.id"),
        ({"places": 0}, "parties[1].course.places"),
    ],
)
async def test_a_course_that_cannot_be_is_refused_with_its_place(
    gateway: Gateway, wrong: dict[str, object], place: str
) -> None:
    files = with_courses(county_files(backup=False), 5, 5)
    agreement = orjson.loads(files["agreements/exercise.yaml"])
    agreement["parties"][1]["course"] |= wrong
    changed = files | {"agreements/exercise.yaml": orjson.dumps(agreement).decode()}
    response = await gateway.load_county(changed)
    assert [one["place"] for one in response.json()["problems"]] == [place]
