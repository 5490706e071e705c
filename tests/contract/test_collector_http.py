"""The collector's routes as its callers meet them: who sees what, versions, reports, links and PINs."""

import pytest
from outcome_collector.adapters import tables
from service_runtime.ids import new_id
from support.collector import PROVIDER, collector, note, reason, status
from support.collector_door import BASE, Caller, Door, door, ehr, provider
from support.web_app import slug

__all__ = ["collector", "door", "ehr", "provider"]


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
            assert (answer.status_code, slug(answer)) == (404, "not-found")
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


async def test_a_history_comes_in_pages_and_from_a_time_on(door: Door, provider: Caller) -> None:
    task = await door.collector.task_b(await door.collector.route())
    path = f"/fhir/Task/{task}/_history"
    await provider.patch(task, 'W/"1"', status("accepted"))
    first = (await provider.get(f"{path}?_count=1")).json()
    links = {link["relation"]: link["url"] for link in first["link"]}
    assert ([one["resource"]["status"] for one in first["entry"]], first["total"]) == (["accepted"], 2)
    await provider.patch(task, 'W/"2"', status("in-progress"))
    second = (await provider.get(links["next"].removeprefix(BASE))).json()
    assert [one["resource"]["status"] for one in second["entry"]] == ["requested"], "steady under writes"
    assert {link["relation"] for link in second["link"]} == {"self"}
    later = (await provider.get(f"{path}?_since=2999-01-01T00:00:00Z")).json()
    assert (later["total"], "entry" in later) == (0, False)
    for query, refusal in (("_since=x", "invalid-parameter"), ("_count=x", "invalid-parameter")):
        answer = await provider.get(f"{path}?{query}")
        assert (answer.status_code, slug(answer)) == (400, refusal)


@pytest.mark.parametrize(
    ("if_match", "refusal"),
    [(None, "version-required"), ("", "version-required"), ('W/"9"', "version-conflict"),
     ("x", "version-malformed"), ('"1', "version-malformed"), ("1", "version-malformed"),
     ('W/"1", W/"2"', "version-malformed"), ('W/"x"', "version-conflict"),
     ('W/"99999999999999999999"', "version-conflict"), ("*", "version-conflict")],
)  # fmt: skip
async def test_a_report_names_the_version_that_it_was_made_on(
    door: Door, provider: Caller, if_match: str | None, refusal: str
) -> None:
    task = await door.collector.task_b(await door.collector.route())
    answer = await provider.patch(task, if_match, status("accepted"))
    status_code = 400 if refusal == "version-malformed" else 412
    assert (answer.status_code, slug(answer)) == (status_code, refusal)
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


async def test_that_it_is_done_is_told_in_the_reporter_s_language(door: Door, provider: Caller) -> None:
    task = await door.collector.task_b(await door.collector.route())
    wish = {"Prefer": "return=OperationOutcome", "Accept-Language": "sv"}
    answer = await provider.patch(task, 'W/"1"', status("accepted"), **wish)
    (issue,) = answer.json()["issue"]
    assert (answer.status_code, issue["details"]["text"]) == (200, "Ändringen har sparats.")


async def test_what_the_reader_has_is_not_sent_again(door: Door, provider: Caller) -> None:
    task = await door.collector.task_b(await door.collector.route())
    for path in (f"/fhir/Task/{task}", f"/fhir/Task/{task}/_history/1"):
        answer = await provider.get(path, **{"If-None-Match": 'W/"1"'})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", 'W/"1"')
        assert "no-store" in answer.headers["cache-control"]
        answer = await provider.get(path, **{"If-None-Match": 'W/"2"'})
        assert (answer.status_code, answer.json()["id"]) == (200, task)
    assert len(await door.collector.rows(tables.Audit)) == 4, "a 304 is a reading too"
    await provider.patch(task, 'W/"1"', status("accepted"))
    answer = await provider.get(f"/fhir/Task/{task}", **{"If-None-Match": 'W/"1"'})
    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")


async def test_a_report_that_wants_its_version_not_to_be_there_is_refused(
    door: Door, provider: Caller
) -> None:
    task = await door.collector.task_b(await door.collector.route())
    for tag in ("*", 'W/"1"'):
        answer = await provider.patch(task, 'W/"1"', status("accepted"), **{"If-None-Match": tag})
        assert (answer.status_code, slug(answer)) == (412, "version-conflict")
    assert await door.collector.versions(task) == [1]


async def test_a_refusal_names_the_status_and_the_legal_moves(door: Door, provider: Caller) -> None:
    task = await door.collector.task_b(await door.collector.route())
    answer = await provider.patch(task, 'W/"1"', status("completed"))
    assert (answer.status_code, slug(answer)) == (422, "illegal-move")
    (issue,) = answer.json()["issue"]
    assert issue["expression"] == ["Task.status"]
    assert issue["details"]["text"] == (
        "A Task that is requested cannot become completed. Possible now: accepted, rejected."
    )


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
