"""The county's officer learns who read whose data, in both vaults, and nobody else does."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from referral_contracts.fhir.validation import PROFILES, validate
from support.routes import installation
from support.routes_world import OTHER_PROVIDER, PROVIDER, Referred, World, county_world, refer

OFFICER = "system/AuditEvent.s"


class Officer:
    """The county's officer for data protection, and two referrals of which one was looked at."""

    def __init__(self, world: World, read: Referred, other: Referred) -> None:
        self.three, self.world, self.read, self.other = world.three, world, read, other

    async def ask(self, query: str, **headers: str) -> httpx.Response:
        told = self.three.token(OFFICER, "staff", "officer") | headers
        return await self.three.http.get(f"/fhir/AuditEvent?{query}", headers=told)

    async def events(self, query: str) -> list[dict[str, Any]]:
        answer = await self.ask(query)
        assert answer.status_code == 200, answer.text
        return [entry["resource"] for entry in answer.json().get("entry", [])]


@pytest.fixture
async def officer(tmp_path: Path) -> AsyncIterator[Officer]:
    async with county_world(tmp_path) as world:
        async with world.three.loops():
            first, second = await refer(world), await refer(world)
        yield Officer(world, first, second)


async def look(officer: Officer) -> None:
    """Its provider reads the first referral, another provider tries to."""
    http, read = officer.three.http, officer.read
    paths = [
        f"/fhir/Patient/{read.id}",
        f"/fhir/ServiceRequest/{read.service_request}",
        f"/fhir/Task/{read.task}",
    ]
    for path in paths:
        assert (await http.get(path, headers=officer.world.as_provider())).status_code == 200
    other = await http.get(paths[0], headers=officer.world.as_provider(OTHER_PROVIDER))
    assert other.status_code == 404


def said(event: dict[str, Any]) -> tuple[str, str, str, str]:
    """Who, in which vault, what, and whether it was given."""
    what = event["entity"][0]["what"]["reference"].split("/")[0]
    who = event["agent"][0]["who"]["identifier"]["value"]
    return who, event["source"]["observer"]["display"], what, event["outcomeDesc"]


async def test_all_that_was_read_of_a_referral_is_told_from_both_vaults(officer: Officer) -> None:
    await look(officer)
    events = await officer.events(f"patient={officer.read.id}&agent={PROVIDER}")
    found = {said(event) for event in events if event["subtype"][0]["code"] == "read"}
    assert found == {
        (PROVIDER, "referral-gateway", "Patient", "given"),
        (PROVIDER, "referral-gateway", "ServiceRequest", "given"),
        (PROVIDER, "outcome-collector", "Task", "given"),
    }
    [refused] = await officer.events(f"patient={officer.read.id}&agent={OTHER_PROVIDER}")
    assert (said(refused)[3], refused["outcome"]) == ("not-yours", "4")
    everything = await officer.events(f"entity=ServiceRequest/{officer.read.id}&_count=100")
    named = {entity["what"]["reference"] for event in everything for entity in event["entity"]}
    assert f"Patient/{officer.read.id}" in named
    assert not any(officer.other.id in one for one in named)
    assert [event["recorded"] for event in everything] == sorted(event["recorded"] for event in everything)


async def test_each_event_of_both_vaults_keeps_its_published_profile(officer: Officer) -> None:
    await look(officer)
    http, read = officer.three.http, officer.read
    for path in (f"Task/{read.task}/_history", f"Task/{read.task}/_history/1", f"Task?owner={PROVIDER}"):
        answer = await http.get(f"/fhir/{path}", headers=officer.world.as_provider())
        assert answer.status_code == 200, answer.text
    await officer.events(f"patient={read.id}")
    events = await officer.events("_count=100")
    assert {event["id"]: validate(event, PROFILES["AuditEvent"]) for event in events} == {
        event["id"]: [] for event in events
    }
    ways = {event["subtype"][0]["code"] for event in events}
    assert ways >= {"read", "vread", "history-instance", "search-type"}
    assert {event["outcome"] for event in events} == {"0", "4"}
    assert {event["source"]["observer"]["display"] for event in events} == {
        "referral-gateway",
        "outcome-collector",
    }


async def test_one_document_an_agent_and_a_time_narrow_the_search(officer: Officer) -> None:
    await look(officer)
    task = await officer.events(f"entity=Task/{officer.read.task}&_count=100")
    assert {said(event)[2] for event in task} == {"Task"}
    assert await officer.events(f"patient={officer.read.id}&date=lt2020-01-01") == []
    today = await officer.events(f"patient={officer.read.id}&date=ge2020-01-01&_count=100")
    assert len(today) >= 4
    assert await officer.events(f"agent:identifier={quote('nobody')}") == []
    by_name = await officer.events(f"agent:identifier=ehr-polling&patient={officer.read.id}")
    assert {said(event)[0] for event in by_name} <= {"ehr-polling"}
    one = today[0]["id"]
    assert [event["id"] for event in await officer.events(f"_id={one}")] == [one]


async def test_pages_follow_each_other_without_a_gap_in_both_directions(officer: Officer) -> None:
    await look(officer)
    first = await officer.ask(f"patient={officer.read.id}&_count=100&date=lt2100-01-01")
    whole = [entry["resource"]["id"] for entry in first.json()["entry"]]
    for sort in ("_lastUpdated", "-_lastUpdated"):
        found: list[str] = []
        path = f"/fhir/AuditEvent?patient={officer.read.id}&agent={PROVIDER}&_count=1&_sort={sort}"
        while path:
            headers = officer.three.token(OFFICER, "staff", "officer")
            page = (await officer.three.http.get(path, headers=headers)).json()
            found += [entry["resource"]["id"] for entry in page.get("entry", [])]
            links = {link["relation"]: link["url"] for link in page["link"]}
            path = links.get("next", "")
        expected = [one for one in whole if one in found]
        assert len(found) >= 3
        assert found == (expected if sort == "_lastUpdated" else expected[::-1])


async def test_the_officer_s_own_search_is_told_too(officer: Officer) -> None:
    await officer.events(f"patient={officer.read.id}")
    found = await officer.events(f"patient={officer.read.id}&agent:identifier=officer")
    assert [event["subtype"][0]["code"] for event in found] == ["search-type"]


async def test_an_identity_code_is_searched_for_in_no_address(officer: Officer) -> None:
    answer = await officer.ask("patient=010594-9032")
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "hetu-in-address"


@pytest.mark.parametrize("kind", ["ehr", "provider", "service"])
async def test_nobody_but_staff_with_the_officer_s_scope_searches(officer: Officer, kind: str) -> None:
    http = officer.three.http
    for headers in (
        officer.three.token(OFFICER, kind, "ehr-polling"),
        officer.three.token("lahetti/cases.r lahetti/trace.r system/AuditEvent.r", "staff", "coordinator"),
    ):
        assert (await http.get("/fhir/AuditEvent", headers=headers)).status_code == 403


async def test_without_the_other_vault_there_is_no_answer_that_looks_whole(tmp_path: Path) -> None:
    async with installation(tmp_path, collector_url="http://127.0.0.1:9") as three:
        answer = await three.http.get("/fhir/AuditEvent", headers=three.token(OFFICER, "staff", "officer"))
        assert answer.status_code == 503
