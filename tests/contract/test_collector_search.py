"""Search on Task: its conditions, its pages, and polls that miss nothing."""

import pytest
from support.collector import PROVIDER, collector, note, reason, status
from support.collector_door import BASE, Caller, Door, door, ehr, provider
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
    polled = (await ehr.get("/fhir/Task?_lastUpdated=gt2026-03-02T09:00:01Z")).json()
    assert [entry["resource"]["id"] for entry in polled["entry"]] == [late.referral]


@pytest.mark.parametrize(
    "query", ["patient=x", "_lastUpdated=soon", "_count=many", "status=gone", "_cursor=x"]
)
async def test_a_search_that_is_not_understood_is_refused(provider: Caller, query: str) -> None:
    answer = await provider.get(f"/fhir/Task?{query}")
    assert answer.status_code == 400
    assert slug(answer) in {"unknown-parameter", "invalid-parameter"}
