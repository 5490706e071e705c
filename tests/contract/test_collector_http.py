"""The collector's routes as its callers meet them: who sees what, versions, search, refusals."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from outcome_collector.adapters import tables
from outcome_collector.adapters.pin_hasher import Argon2PinHasher
from outcome_collector.adapters.trace_rows import TraceRows
from outcome_collector.entrypoints import admin_routes, task_routes
from service_runtime.ids import new_id
from support.collector import EHR, PROVIDER, Collector, collector, note, reason, status
from support.web_app import SmallService, slug, small_service

__all__ = ["collector"]

BASE = "https://lahetti.example.org"
PATCH = "application/json-patch+json"


@dataclass
class Caller:
    """Somebody with a token at the collector's door."""

    client: httpx.AsyncClient
    headers: dict[str, str]

    async def get(self, path: str, **more: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers | more)

    async def patch(
        self, task: str, version: str | None, *operations: dict[str, Any], **more: str
    ) -> httpx.Response:
        headers = self.headers | {"Content-Type": PATCH} | more
        if version is not None:
            headers["If-Match"] = version
        return await self.client.patch(f"/fhir/Task/{task}", headers=headers, json=list(operations))


@dataclass
class Door:
    """The routes, and the collector behind them."""

    collector: Collector
    service: SmallService
    client: httpx.AsyncClient

    def caller(self, kind: str, client_id: str, scope: str = "system/Task.rsu") -> Caller:
        return Caller(self.client, self.service.token(scope, kind, client_id))


@pytest.fixture
async def door(collector: Collector, tmp_path: Path) -> AsyncIterator[Door]:
    tasks = task_routes.TaskApi(collector.units, collector.clock, collector.patience, f"{BASE}/fhir")
    admin = admin_routes.AdminApi(
        units=collector.units,
        hasher=Argon2PinHasher(),
        clock=collector.clock,
        trace=TraceRows(collector.database),
        page_base=BASE,
        page_days=14.0,
    )
    service = small_service(tmp_path, [task_routes.router(tasks), admin_routes.router(admin)])
    async with service.client() as client:
        yield Door(collector, service, client)


@pytest.fixture
def provider(door: Door) -> Caller:
    return door.caller("provider", PROVIDER.client)


@pytest.fixture
def ehr(door: Door) -> Caller:
    return door.caller("ehr", EHR.client)


async def test_a_task_is_read_with_its_version_and_its_reading_written_down(
    door: Door, provider: Caller
) -> None:
    task = await door.collector.task_b(await door.collector.route())
    answer = await provider.get(f"/fhir/Task/{task}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/fhir+json"
    assert answer.headers["etag"] == 'W/"1"'
    assert answer.headers["last-modified"] == "Mon, 02 Mar 2026 09:00:00 GMT"
    assert "no-store" in answer.headers["cache-control"]
    assert answer.json()["id"] == task
    (audit,) = await door.collector.rows(tables.Audit)
    assert (audit["client"], audit["kind"], audit["action"]) == (PROVIDER.client, "provider", "read")
    assert (audit["resource"], audit["version"]) == (f"Task/{task}", 1)


async def test_each_sees_its_own_and_nothing_else(door: Door, provider: Caller, ehr: Caller) -> None:
    routed = await door.collector.route()
    task = await door.collector.task_b(routed)
    others = (door.caller("provider", "hamina-liikunta"), door.caller("ehr", "ehr-2"))
    assert (await ehr.get(f"/fhir/Task/{routed.referral}")).status_code == 200
    for caller, path in (
        (provider, routed.referral),
        (ehr, task),
        *((other, one) for other in others for one in (task, routed.referral)),
    ):
        for suffix in ("", "/_history", "/_history/1"):
            answer = await caller.get(f"/fhir/Task/{path}{suffix}")
            assert (answer.status_code, slug(answer)) == (403, "not-yours")
    for other in others:
        assert (await other.get("/fhir/Task")).json()["total"] == 0
    (audit,) = await door.collector.rows(tables.Audit)
    assert audit["resource"] == f"Task/{routed.referral}"


@pytest.mark.parametrize("kind", ["service", "staff"])
async def test_services_and_staff_read_no_tasks(door: Door, kind: str) -> None:
    answer = await door.caller(kind, "somebody").get("/fhir/Task")
    assert (answer.status_code, slug(answer)) == (403, "caller-not-allowed")


@pytest.mark.parametrize("task", ["nonsense", "../x", "00000000-0000-0000-0000-000000000000", "%00"])
async def test_what_is_not_there_is_not_found(door: Door, provider: Caller, task: str) -> None:
    for suffix in ("", "/_history", "/_history/1"):
        answer = await provider.get(f"/fhir/Task/{task}{suffix}")
        assert (answer.status_code, slug(answer)) == (404, "not-found")
    answer = await provider.patch(task, 'W/"1"', status("accepted"))
    assert (answer.status_code, slug(answer)) == (404, "not-found")


async def test_a_report_answers_the_new_version(door: Door, provider: Caller) -> None:
    task = await door.collector.task_b(await door.collector.route())
    answer = await provider.patch(task, 'W/"1"', status("accepted"))
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"2"')
    assert (answer.json()["status"], answer.json()["meta"]["versionId"]) == ("accepted", "2")
    (line,) = door.service.lines("outcome.recorded")
    assert (line["task"], line["version"], line["state"]) == (task, 2, "accepted")


async def test_every_version_stays_readable(door: Door, provider: Caller) -> None:
    task = await door.collector.task_b(await door.collector.route())
    await provider.patch(task, 'W/"1"', status("accepted"))
    await provider.patch(task, 'W/"2"', status("in-progress"))
    assert (await provider.get(f"/fhir/Task/{task}/_history/2")).json()["status"] == "accepted"
    for unknown in ("0", "4", "-1", "x", "99999999999999999999"):
        assert (await provider.get(f"/fhir/Task/{task}/_history/{unknown}")).status_code == 404
    history = (await provider.get(f"/fhir/Task/{task}/_history")).json()
    assert (history["type"], history["total"]) == ("history", 3)
    assert [entry["resource"]["status"] for entry in history["entry"]] == [
        "in-progress",
        "accepted",
        "requested",
    ]
    assert [entry["response"]["etag"] for entry in history["entry"]] == ['W/"3"', 'W/"2"', 'W/"1"']


@pytest.mark.parametrize(
    ("if_match", "refusal"),
    [(None, "version-required"), ("", "version-required"), ('W/"9"', "version-conflict"),
     ("x", "version-conflict"), ('W/"99999999999999999999"', "version-conflict"), ("*", "version-conflict")],
)  # fmt: skip
async def test_a_report_names_the_version_that_it_was_made_on(
    door: Door, provider: Caller, if_match: str | None, refusal: str
) -> None:
    task = await door.collector.task_b(await door.collector.route())
    answer = await provider.patch(task, if_match, status("accepted"))
    assert (answer.status_code, slug(answer)) == (412, refusal)
    assert await door.collector.versions(task) == [1]


async def test_received_is_understood_and_explained(door: Door, provider: Caller) -> None:
    task = await door.collector.task_b(await door.collector.route())
    answer = await provider.patch(task, 'W/"1"', status("received"), Prefer="return=OperationOutcome")
    assert answer.status_code == 200
    (issue,) = answer.json()["issue"]
    assert (issue["severity"], issue["details"]["coding"][0]["code"]) == ("information", "received-is-opened")
    document = await door.collector.document(task)
    assert (document["status"], document["businessStatus"]["coding"][0]["code"]) == ("requested", "opened")


async def test_minimal_answers_no_body(door: Door, provider: Caller) -> None:
    task = await door.collector.task_b(await door.collector.route())
    answer = await provider.patch(task, 'W/"1"', status("accepted"), Prefer="return=minimal")
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (200, b"", 'W/"2"')


async def test_a_refusal_names_the_status_and_the_legal_moves(door: Door, provider: Caller) -> None:
    task = await door.collector.task_b(await door.collector.route())
    answer = await provider.patch(task, 'W/"1"', status("completed"))
    assert (answer.status_code, slug(answer)) == (422, "illegal-move")
    (issue,) = answer.json()["issue"]
    assert issue["expression"] == ["Task.status"]
    assert issue["details"]["text"] == (
        "A Task that is requested cannot become completed. Possible now: accepted, rejected."
    )


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


async def test_a_pin_is_set_and_shown_once(door: Door) -> None:
    staff = door.caller("staff", "lahetti", "lahetti/pins.w")
    path = "/collector/providers/kotka-liikunta/pin"
    answer = await door.client.post(path, headers=staff.headers)
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    pin = answer.json()["pin"]
    assert pin.isdecimal()
    assert len(pin) == 8
    (row,) = await door.collector.rows(tables.Pin)
    assert pin not in str(row)
    answer = await door.client.post(path, headers=staff.headers, json={"pin": "123"})
    assert (answer.status_code, slug(answer)) == (422, "pin-unusable")
    answer = await door.client.post("/collector/providers/NO/pin", headers=staff.headers)
    assert answer.status_code == 404


async def test_a_link_is_made_for_a_provider_s_task_only(door: Door) -> None:
    routed = await door.collector.route()
    notifier = door.caller("service", "provider-notifier", "lahetti/links.c")
    for task, expected in (
        (await door.collector.task_b(routed), 201),
        (routed.referral, 404),
        (new_id(), 404),
        ("x", 404),
    ):
        answer = await door.client.post("/p/links", headers=notifier.headers, json={"task": task})
        assert answer.status_code == expected
        if expected == 201:
            assert answer.json()["url"].startswith(f"{BASE}/p/")
    answer = await door.client.post("/p/links", headers=notifier.headers, json={"tasks": "x"})
    assert (answer.status_code, slug(answer)) == (422, "unknown-element")


async def test_the_way_of_a_referral_is_told_without_a_name_and_without_a_reason(
    door: Door, provider: Caller
) -> None:
    routed = await door.collector.route()
    task = await door.collector.task_b(routed)
    door.collector.clock.move(30)
    await provider.patch(task, 'W/"1"', status("rejected"), reason("wrong-referral"), note("Nimi Sukunimi"))
    staff = door.caller("staff", "lahetti", "lahetti/trace.r")
    answer = await staff.get(f"/collector/trace/{routed.referral}")
    steps = answer.json()["steps"]
    assert {step["what"] for step in steps[-2:]} == {"Task A rejected", "Task rejected"}
    assert {step["service"] for step in steps} == {"outcome-collector"}
    assert "Sukunimi" not in answer.text
    assert "wrong-referral" not in answer.text
    assert (await staff.get("/collector/trace/x")).json() == {"steps": []}
