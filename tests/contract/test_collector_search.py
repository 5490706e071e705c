"""Search on Task: its conditions, its pages, and polls that miss nothing."""

import pytest
from support.collector import PROVIDER, collector, note, reason, status
from support.collector_door import BASE, Caller, Door, door, ehr, provider
from support.settling import until_settled
from support.web_app import slug

__all__ = ["collector", "door", "ehr", "provider"]


async def test_a_task_of_a_referral_can_be_asked_for_by_several_facts(door: Door, provider: Caller) -> None:
    first, second = await door.collector.route(), await door.collector.route()
    await door.collector.patch(await door.collector.task_b(second), status("accepted"))
    for query, expected in (
        (f"focus=ServiceRequest/{first.service_request}", [first]),
        (f"owner=Organization/{PROVIDER.client}", [first, second]),
        ("owner=somebody-else", []),
        ("status=accepted,completed", [second]),
        ("status=requested&owner=kotka-liikunta", [first]),
    ):
        found = (await provider.get(f"/fhir/Task?{query}")).json()
        focuses = [entry["resource"]["focus"]["reference"] for entry in found.get("entry", [])]
        assert focuses == [f"ServiceRequest/{one.service_request}" for one in expected], query
        assert found["total"] == len(expected)


async def test_pages_follow_each_other_without_a_gap_while_tasks_change(door: Door, provider: Caller) -> None:
    tasks: list[str] = []
    for _ in range(7):
        tasks.append(await door.collector.task_b(await door.collector.route()))
        door.collector.clock.move(1)
    seen: list[str] = []
    url = "/fhir/Task?_count=3&status=requested"
    while url:
        page = (await provider.get(url)).json()
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        links = {link["relation"]: link["url"] for link in page["link"]}
        assert links["self"].startswith(f"{BASE}/fhir/Task?")
        url = links.get("next", "").removeprefix(BASE)
        if len(seen) == 3:
            await door.collector.patch(tasks[0], note("Muuttui."))
    assert seen == [*tasks, tasks[0]]


async def test_a_poll_gets_what_changed_since(door: Door, ehr: Caller) -> None:
    first = await door.collector.route()
    door.collector.clock.move(60)
    second = await door.collector.route()
    await door.collector.patch(
        await door.collector.task_b(first), status("rejected"), reason("wrong-referral")
    )
    await until_settled(door.collector.database)
    found = (await ehr.get("/fhir/Task?_lastUpdated=gt2026-03-02T09:00:30Z")).json()
    changed = [entry["resource"]["id"] for entry in found["entry"]]
    assert sorted(changed) == sorted([first.referral, second.referral])
    newest = max(entry["resource"]["meta"]["lastUpdated"] for entry in found["entry"])
    assert (await ehr.get(f"/fhir/Task?_lastUpdated=gt{newest}")).json()["total"] == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_poll_waits_for_transactions_that_are_still_open(door: Door, ehr: Caller) -> None:
    """INVARIANT: a poll by _lastUpdated never passes over a change that commits late; else it would be lost.

    SQLite has one writer, so nothing can commit late there."""
    collector = door.collector
    early, late = await collector.route(), await collector.route()
    async with collector.units.write() as unit:
        await unit.tasks.lock(early.referral)
        collector.clock.move(5)
        await collector.patch(await collector.task_b(late), status("accepted"))
        polled = (await ehr.get("/fhir/Task?_lastUpdated=gt2026-03-02T09:00:01Z")).json()
    assert polled["total"] == 0
    await until_settled(collector.database)
    polled = (await ehr.get("/fhir/Task?_lastUpdated=gt2026-03-02T09:00:01Z")).json()
    assert [entry["resource"]["id"] for entry in polled["entry"]] == [late.referral]


@pytest.mark.parametrize("query", ["_lastUpdated=soon", "_count=many", "status=gone", "_cursor=x"])
async def test_a_value_that_is_not_understood_is_refused(provider: Caller, query: str) -> None:
    answer = await provider.get(f"/fhir/Task?{query}")
    assert (answer.status_code, slug(answer)) == (400, "invalid-parameter")


async def test_an_unknown_condition_is_named_or_refused_as_the_caller_prefers(
    door: Door, provider: Caller
) -> None:
    await door.collector.route()
    lenient = (await provider.get("/fhir/Task?name=x", **{"Accept-Language": "sv"})).json()
    assert [entry["search"]["mode"] for entry in lenient["entry"]] == ["match", "outcome"]
    (issue,) = lenient["entry"][1]["resource"]["issue"]
    assert (issue["severity"], issue["expression"]) == ("warning", ["http.name"])
    assert "stöds inte" in issue["details"]["text"]
    strict = await provider.get("/fhir/Task?name=x", Prefer="handling=strict")
    assert (strict.status_code, slug(strict)) == (400, "unknown-parameter")


async def test_each_parameter_finds_what_it_names(door: Door, provider: Caller, ehr: Caller) -> None:
    first, second = await door.collector.route(), await door.collector.route(urgent=True)
    first_b, second_b = [await door.collector.task_b(one) for one in (first, second)]
    door.collector.clock.move(60)
    await door.collector.patch(second_b, status("received"))
    await until_settled(door.collector.database)
    for caller, query, expected in (
        (provider, f"patient=Patient/{first.referral}", {first_b}),
        (provider, f"subject={first.referral}", {first_b}),
        (provider, f"patient={first.referral},{second.referral}", {first_b, second_b}),
        (provider, "patient=nobody", set()),
        (provider, f"_id={second_b}", {second_b}),
        (provider, "_id=nobody", set()),
        (provider, f"part-of=Task/{first.referral}", {first_b}),
        (provider, "business-status=opened", {second_b}),
        (provider, "code=fulfill", {first_b, second_b}),
        (provider, "code=abort", set()),
        (provider, "requester:identifier=ehr-1", {first_b, second_b}),
        (provider, "requester:identifier=ehr-2", set()),
        (provider, "authored-on=2026-03-02", {first_b, second_b}),
        (provider, "authored-on=gt2026-03-02T09:00:30Z", set()),
        (provider, "_lastUpdated=gt2026-03-02T09:00:30Z", {second_b}),
        (provider, "_lastUpdated=gt2026-03-02T09:00:30Z&status=accepted", set()),
        (ehr, f"patient={first.referral}", {first.referral}),
        (ehr, f"part-of={first.referral}", set()),
        (ehr, f"_id={first_b}", set()),
    ):
        found = (await caller.get(f"/fhir/Task?{query}", Prefer="handling=strict")).json()
        assert {entry["resource"]["id"] for entry in found.get("entry", [])} == expected, query
        assert found["total"] == len(expected)


async def test_a_search_may_be_posted(door: Door, provider: Caller) -> None:
    routed = await door.collector.route()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await provider.client.post(
        "/fhir/Task/_search?_count=1",
        content=f"patient={routed.referral}&status=requested",
        headers=provider.headers | form,
    )
    found = answer.json()
    assert [entry["resource"]["for"]["reference"] for entry in found["entry"]] == [
        f"Patient/{routed.referral}"
    ]
    assert found["link"][0]["url"] == f"{BASE}/fhir/Task?_count=1&patient={routed.referral}&status=requested"
    for content, refusal in ((b"\xff", "unreadable-request"), (b"status=gone", "invalid-parameter")):
        answer = await provider.client.post(
            "/fhir/Task/_search", content=content, headers=provider.headers | form
        )
        assert (answer.status_code, slug(answer)) == (400, refusal)
    answer = await provider.client.post("/fhir/Task/_search", json={}, headers=provider.headers)
    assert (answer.status_code, slug(answer)) == (415, "form-media-type")


@pytest.mark.parametrize(("sort", "backwards"), [("_id", False), ("-_id", True), ("-_lastUpdated", True)])
async def test_pages_come_in_the_order_that_was_asked_for(
    door: Door, provider: Caller, sort: str, backwards: bool
) -> None:
    tasks: list[str] = []
    for _ in range(5):
        tasks.append(await door.collector.task_b(await door.collector.route()))
        door.collector.clock.move(1)
    seen: list[str] = []
    url = f"/fhir/Task?_count=2&_sort={sort}"
    while url:
        page = (await provider.get(url)).json()
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        url = {link["relation"]: link["url"] for link in page["link"]}.get("next", "").removeprefix(BASE)
    assert seen == sorted(tasks, reverse=backwards)


async def test_results_are_counted_where_that_is_wanted(door: Door, provider: Caller) -> None:
    for _ in range(3):
        await door.collector.route()
    first = (await provider.get("/fhir/Task?_count=2")).json()
    assert "total" not in first, "counting all of many would make every page slow"
    assert (await provider.get("/fhir/Task?_count=2&_total=accurate")).json()["total"] == 3
    for query in ("_summary=count", "_count=0"):
        counted = (await provider.get(f"/fhir/Task?{query}")).json()
        assert (counted["total"], "entry" in counted) == (3, False)
    summary = (await provider.get("/fhir/Task?_summary=true&_count=1")).json()["entry"][0]["resource"]
    assert summary["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert "restriction" not in summary


async def test_while_the_gateway_is_away_tasks_are_found_without_what_comes_along(
    door: Door, provider: Caller
) -> None:
    await door.collector.route()
    found = (await provider.get("/fhir/Task?_include=Task:focus")).json()
    assert [entry["search"]["mode"] for entry in found["entry"]] == ["match", "outcome"]
    (issue,) = found["entry"][1]["resource"]["issue"]
    assert (issue["severity"], issue["details"]["coding"][0]["code"]) == ("warning", "include-unavailable")


async def test_no_personal_identity_code_stands_in_an_address(provider: Caller) -> None:
    answer = await provider.get("/fhir/Task?patient.identifier=010190-901X")
    assert (answer.status_code, slug(answer)) == (400, "hetu-in-address")
    assert "901X" not in answer.text
