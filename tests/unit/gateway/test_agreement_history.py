"""What became of the agreements: each load that changed one is told, with what was and what is."""

from typing import Any

import orjson
import pytest
from support.gateway import Gateway, bundle, issues
from support.gateway_county import HAMINA, KOTKA, county_files, with_courses
from support.waitlists import waitlist_files


async def history(gateway: Gateway, agreement: str | None = None) -> list[dict[str, Any]]:
    response = await gateway.http.get(
        "/gateway/agreements/history",
        params={"agreement": agreement} if agreement else {},
        headers=gateway.as_staff(),
    )
    assert response.status_code == 200, response.text
    return response.json()["changes"]


async def test_the_first_load_adds_each_agreement(gateway: Gateway) -> None:
    told = await history(gateway)
    assert [(one["agreement"], one["change"], one["version"], one["by"]) for one in told] == [
        ("exercise", "added", 1, "coordinator"),
        ("backup", "added", 1, "coordinator"),
    ]
    assert {(one["was"], len(one["digest"])) for one in told} == {(None, 64)}
    assert told[0]["is"]["parties"][0]["provider"] == "kotka"


async def test_a_load_without_changes_adds_nothing(gateway: Gateway) -> None:
    before = await history(gateway)
    for _ in range(2):
        assert (await gateway.load_county(county_files())).status_code == 200
    assert await history(gateway) == before


async def test_a_load_that_changes_something_else_adds_nothing(gateway: Gateway) -> None:
    before = await history(gateway)
    files = county_files()
    files["directory/kotka.json"] = files["directory/kotka.json"].replace("/hook", "/new-hook")
    files["agreements/backup.yaml"] = "# a note of ours\n" + files["agreements/backup.yaml"]
    assert (await gateway.load_county(files)).json()["version"] == 2
    assert await history(gateway) == before


async def test_what_was_and_what_is_are_told_with_when_and_by_whom(gateway: Gateway) -> None:
    await gateway.load_county(county_files(numbers={"kotka": 10}))
    gateway.clock.move(3600)
    await gateway.load_county(waitlist_files(12, 3, backup=True, warn_at=90))

    newest, *older = await history(gateway, "exercise")

    assert (newest["change"], newest["version"], newest["by"]) == ("changed", 3, "coordinator")
    assert newest["at"].startswith("2026-03-02T10:00:00")
    kotka = "parties[kotka/kotka-neuvonta]"
    assert newest["differences"] == [
        {"place": f"{kotka}.number.most", "was": 10, "is": 12},
        {"place": f"{kotka}.number.waitlist", "was": None, "is": 3},
        {"place": "warn_at", "was": None, "is": 90},
    ]
    assert newest["was"]["parties"][0]["number"] == {"most": 10, "period": "year"}
    assert newest["is"]["parties"][0]["number"] == {"most": 12, "period": "year", "waitlist": 3}
    assert [one["change"] for one in older] == ["changed", "added"]
    assert older[0]["is"] == newest["was"]
    assert older[0]["digest"] != newest["digest"]


async def test_an_agreement_that_goes_and_comes_back_is_told_as_such(gateway: Gateway) -> None:
    await gateway.load_county(county_files(backup=False))
    await gateway.load_county(county_files())
    assert [one["change"] for one in await history(gateway, "backup")] == ["added", "removed", "added"]


async def test_the_order_of_parties_and_of_their_courses_says_nothing(gateway: Gateway) -> None:
    await gateway.load_county(with_courses(county_files(), 4, 5))
    files = with_courses(county_files(), 4, 6)
    agreement = orjson.loads(files["agreements/exercise.yaml"])
    agreement["parties"].reverse()
    await gateway.load_county(files | {"agreements/exercise.yaml": orjson.dumps(agreement).decode()})
    newest = (await history(gateway, "exercise"))[0]
    place = "parties[kotka/kotka-neuvonta/course-2].course.places"
    assert newest["differences"] == [{"place": place, "was": 5, "is": 6}]


async def test_many_loads_are_read_in_their_order(gateway: Gateway) -> None:
    """More than are read at once."""
    for most in range(1, 46):
        assert (await gateway.load_county(county_files(numbers={"kotka": most}))).status_code == 200
    told = await history(gateway, "exercise")
    assert [one["is"]["parties"][0].get("number", {}).get("most") for one in told] == [
        *range(45, 0, -1),
        None,
    ]
    assert [one["version"] for one in told] == list(range(46, 0, -1))


async def test_a_number_lowered_below_what_is_used_keeps_those_accepted_and_stops_new_ones(
    gateway: Gateway,
) -> None:
    await gateway.load_county(county_files(numbers={"kotka": 5}, backup=False))
    kept = [await gateway.refer(municipality=KOTKA) for _ in range(4)]

    await gateway.load_county(county_files(numbers={"kotka": 2}, backup=False))

    refused = await gateway.post(bundle(identifier="R-9", municipality=KOTKA))
    assert refused.status_code == 422
    assert "quota-used-up" in [slug for slug, _ in issues(refused)]
    for referral in kept:
        routing = await gateway.routing(referral)
        assert (routing.provider, routing.quota_taken, routing.ended_at) == ("kotka", True, None)
        order = await gateway.get(f"ServiceRequest/{routing.id}", gateway.as_provider("kotka"))
        assert (order.status_code, order.json()["status"]) == (200, "active")
    answer = await gateway.http.get("/gateway/agreements", headers=gateway.as_staff())
    (kotka,) = [one for one in answer.json()["agreements"] if one["provider"] == "kotka"]
    assert (kotka["number"], kotka["used"], kotka["left"], kotka["state"]) == (2, 4, 0, "full")
    assert (await gateway.post(bundle(identifier="R-10", municipality=HAMINA))).status_code == 200


@pytest.mark.parametrize("name", ["nowhere", "", "exercise'"])
async def test_an_agreement_that_never_was_is_not_found(gateway: Gateway, name: str) -> None:
    path = f"/gateway/agreements/history?agreement={name}"
    assert (await gateway.http.get(path, headers=gateway.as_staff())).status_code == 404


async def test_only_staff_may_see_it(gateway: Gateway) -> None:
    path = "/gateway/agreements/history"
    assert (await gateway.http.get(path, headers=gateway.as_ehr())).status_code == 403
    assert (await gateway.http.get(path)).status_code == 401
