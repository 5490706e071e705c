"""What /metadata lists answers, and nothing else does; and nobody reads what is somebody else's."""

from typing import Any

import httpx
import pytest
from support.routes import outcome_fault
from support.routes_attempts import FHIR, FORM, MARK, PATCH, Watch
from support.routes_metadata import WAYS, listed
from support.routes_world import ENDPOINT, OTHER_EHR, OTHER_PROVIDER, PROVIDER, World

pytestmark = pytest.mark.asyncio(loop_scope="session")

READS = ("read", "vread", "history-instance", "search-type")
VALUES = {"reference": PROVIDER, "token": "active", "date": "gt2026-01-01"}
SPECIAL = {("Task", "status"): "requested"}
"""Values that each search parameter takes, by its type, and where a code must be one of those known."""


async def statement(world: World) -> dict[str, Any]:
    """What the server says of itself."""
    answer = await world.three.http.get("/fhir/metadata")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/fhir+json"
    return answer.json()["rest"][0]


async def ids(world: World) -> dict[str, tuple[str, dict[str, str]]]:
    """A resource of each type, with somebody who may read it."""
    ehr, staff = world.as_ehr(), world.as_staff()
    posted = await world.three.http.get(f"/fhir/ServiceRequest/{world.kept.id}/_history/1", headers=ehr)
    requester = posted.json()["requester"]["reference"].rpartition("/")[2]
    found = {
        "ServiceRequest": (world.kept.id, ehr),
        "Consent": (world.kept.id, ehr),
        "Patient": (world.kept.id, ehr),
        "Task": (world.kept.task, world.as_provider()),
        "Organization": (PROVIDER, ehr),
        "HealthcareService": (f"{PROVIDER}-liikuntaneuvonta", ehr),
        "Endpoint": (ENDPOINT, staff),
        "CodeSystem": ("referral-reason", {}),
        "ConceptMap": ("procedure-codes", {}),
        "AuditEvent": ("1", staff),
        "PractitionerRole": (requester, ehr),
        "Provenance": (world.kept.id, ehr),
        "Subscription": (world.subscription, ehr),
    }
    for name in ("Practitioner", "RelatedPerson", "Observation", "RiskAssessment"):
        found[name] = (others(world)[name], ehr)
    return found


def others(world: World) -> dict[str, str]:
    """The ids of what the referral brought along, from the answer to its Bundle."""
    return {location.split("/")[0]: location.split("/")[1] for location in world.kept.locations}


async def test_each_reading_interaction_that_is_listed_answers(world: World) -> None:
    known = await ids(world)
    faults: list[str] = []
    for name, ways in listed(await statement(world)).items():
        identifier, headers = known[name]
        for way in ways.intersection(READS):
            path = {
                "read": f"/{identifier}",
                "vread": f"/{identifier}/_history/1",
                "history-instance": f"/{identifier}/_history",
                "search-type": "",
            }[way]
            asking = world.as_staff() if name in {"Endpoint", "AuditEvent"} else headers
            answer = await world.three.http.get(f"/fhir/{name}{path}", headers=asking)
            if answer.status_code != 200 or answer.json()["resourceType"] not in {name, "Bundle"}:
                faults.append(f"{way} {name}: {answer.status_code} {answer.text[:200]}")
    assert faults == []


async def test_a_read_that_is_listed_as_conditional_sends_nothing_that_is_there_already(world: World) -> None:
    known = await ids(world)
    tried: set[str] = set()
    for one in (await statement(world))["resource"]:
        assert ("conditionalRead" in one) == (one["versioning"] != "no-version"), one["type"]
        if one.get("conditionalRead") != "not-match":
            continue
        identifier, headers = known[one["type"]]
        path = f"/fhir/{one['type']}/{identifier}"
        version = (await world.three.http.get(path, headers=headers)).headers["etag"]
        answer = await world.three.http.get(path, headers=headers | {"If-None-Match": version})
        assert (answer.status_code, answer.content) == (304, b""), one["type"]
        assert (answer.headers["etag"], "last-modified" in answer.headers) == (version, True)
        tried.add(one["type"])
    assert len(tried) == 13


async def test_each_search_parameter_that_is_listed_is_taken_and_no_other(world: World) -> None:
    rest = await statement(world)
    searched = [one for one in rest["resource"] if one.get("searchParam")]
    assert {one["type"] for one in searched} == {
        name for name, ways in listed(rest).items() if "search-type" in ways
    }
    for one in searched:
        headers = world.as_staff() if one["type"] == "AuditEvent" else world.as_provider()
        for parameter in one["searchParam"]:
            value = SPECIAL.get((one["type"], parameter["name"])) or VALUES[parameter["type"]]
            path = f"/fhir/{one['type']}?{parameter['name']}={value}"
            answer = await world.three.http.get(path, headers=headers)
            assert answer.status_code == 200, f"{path}: {answer.text}"
        told = {parameter["name"] for parameter in one["searchParam"]}
        for name in {"_id", "patient", "code", "_content", "_has", "subject", MARK} - told:
            address = f"/fhir/{one['type']}?{name}=x"
            answer = await world.three.http.get(address, headers=headers | {"Prefer": "handling=strict"})
            assert (answer.status_code, outcome_fault(answer)) == (400, None), f"{one['type']}?{name}"


async def test_what_is_listed_to_come_along_does_and_a_search_may_be_posted(world: World) -> None:
    """Each `_include` and `_revinclude`, for the record system or the provider, whoever has such resources;
    what the other service keeps comes over its public API with the caller's own token."""
    rest = await statement(world)
    tried: set[str] = set()
    for one in rest["resource"]:
        for member, name in (("searchInclude", "_include"), ("searchRevInclude", "_revinclude")):
            for text in one.get(member, ()):
                path = f"/fhir/{one['type']}?{name}={text}"
                came: set[str] = set()
                for headers in (world.as_ehr(), world.as_provider()):
                    answer = await world.three.http.get(path, headers=headers | {"Prefer": "handling=strict"})
                    assert answer.status_code == 200, f"{path}: {answer.text}"
                    entries = answer.json()["entry"]
                    came |= {
                        e["resource"]["resourceType"] for e in entries if e["search"]["mode"] == "include"
                    }
                    assert "outcome" not in {entry["search"]["mode"] for entry in entries}, answer.text
                assert came, path
                tried.add(text)
        if "search-type" in {way["code"] for way in one["interaction"]}:
            caller = world.as_staff() if one["type"] == "AuditEvent" else world.as_provider()
            posted = await world.three.http.post(
                f"/fhir/{one['type']}/_search", content="_count=1", headers=caller | {"Content-Type": FORM}
            )
            assert posted.status_code == 200, f"{one['type']}: {posted.text}"
            assert posted.json()["type"] == "searchset"
    assert {"Task:focus", "Task:patient", "ServiceRequest:subject", "Consent:patient"} <= tried


async def test_a_provider_gets_order_and_client_with_its_task(world: World) -> None:
    path = f"/fhir/Task?_id={world.kept.task}&_include=Task:focus&_include=Task:patient&_include=Task:owner"
    entries = (await world.three.http.get(path, headers=world.as_provider())).json()["entry"]
    came = {(entry["resource"]["resourceType"], entry["resource"]["id"]) for entry in entries[1:]}
    assert came == {
        ("ServiceRequest", world.kept.service_request), ("Patient", world.kept.id), ("Organization", PROVIDER)
    }  # fmt: skip
    narrow = world.three.token("system/Task.s", "provider", PROVIDER)
    entries = (await world.three.http.get(path, headers=narrow)).json()["entry"]
    slugs = [one["details"]["coding"][0]["code"] for one in entries[1]["resource"]["issue"]]
    assert (len(entries), slugs) == (2, ["include-withheld"] * 3)


async def test_what_is_not_listed_is_refused(world: World) -> None:
    """Every other interaction with the types that are here, and types that are not."""
    known = await ids(world)
    rest = listed(await statement(world))
    faults: list[str] = []
    for name in (*rest, "Bundle", "Observations", "AuditEvent", "Encounter"):
        identifier, headers = known.get(name, ("1", world.as_ehr()))
        for (method, way), interaction in WAYS.items():
            if interaction in rest.get(name, ()) or (name, interaction) == ("Bundle", "search-type"):
                continue
            path = f"/fhir/{name}{way.format(id=identifier, version='1')}"
            answer = await refusal(world, method, path, headers)
            if answer is not None and not history_of_type(way, answer):
                faults.append(f"{interaction} {path}: {answer.status_code} {answer.text[:200]}")
    assert faults == []


def history_of_type(way: str, answer: httpx.Response) -> bool:
    """`_history` in an id's place is read as an id that nobody has, or is none."""
    return way == "/_history" and answer.status_code in {403, 404}


async def refusal(world: World, method: str, path: str, headers: dict[str, str]) -> httpx.Response | None:
    """None where it is refused as it should be: 404 or 405, with an OperationOutcome."""
    media = {"PATCH": PATCH}.get(method, FORM if path.endswith("/_search") else FHIR)
    more = {"Content-Type": media} if method in {"POST", "PUT", "PATCH"} else {}
    content = b"{}" if more else None
    answer = await world.three.http.request(method, path, headers=headers | more, content=content)
    proper = answer.status_code in {404, 405} and outcome_fault(answer) is None
    return None if proper else answer


async def test_what_is_somebody_else_s_is_not_given_at_any_route(watch: Watch) -> None:
    """The ids are right and the callers are known, and still nothing of it is theirs."""
    world = watch.world
    known = await ids(world)
    strangers = {"ehr": world.as_ehr(OTHER_EHR), "provider": world.as_provider(OTHER_PROVIDER)}
    faults: list[str] = []
    tried = 0
    for route in world.three.routes:
        name = route.path.removeprefix("/fhir/").partition("/")[0]
        if route.method != "GET" or "{" not in route.path or name not in known or route.access is None:
            continue
        if name in {"Organization", "HealthcareService"}:
            continue  # the directory is for all
        identifier = known[name][0]
        path = route.filled(
            **dict.fromkeys(("resource_id", "task", "subscription"), identifier) | {"version": "1"}
        )
        for kind, headers in strangers.items():
            tried += 1
            answer = await world.three.http.get(path, headers=headers)
            if answer.status_code not in {403, 404} or outcome_fault(answer):
                faults.append(f"{kind} {path}: {answer.status_code} {answer.text[:200]}")
    assert faults == []
    assert tried > 40


async def test_nobody_s_id_is_not_found_at_any_route_and_stands_in_no_log(watch: Watch) -> None:
    world = watch.world
    callers = {
        "ehr": world.as_ehr(), "provider": world.as_provider(), "staff": world.as_staff(),
        "service": world.as_service(),
    }  # fmt: skip
    faults: list[str] = []
    for route in world.three.routes:
        if route.method != "GET" or "{" not in route.path or route.path.startswith("/p/static/"):
            continue  # an old style sheet's name gets the newest one
        kinds = route.access.kinds if route.access else {"staff"}
        headers = callers[min(kinds or {"ehr"})]
        for nobody in (MARK, "%00", "%2e%2e", "a%20b", "x" * 2000):
            names = {part[1:-1]: nobody for part in route.path.split("/") if part.startswith("{")}
            answer = await world.three.http.get(route.path.format(**names), headers=headers)
            if answer.status_code not in {400, 403, 404} and not no_steps(answer):
                faults.append(f"{route} {nobody[:20]}: {answer.status_code} {answer.text[:200]}")
            if MARK.lower() in f"{answer.headers} {answer.text}".lower():
                faults.append(f"{route} repeats what it was asked for")
    assert faults == []
    log = watch.log.getvalue()
    assert '"route":"/fhir/Task/{task}"' in log
    assert MARK.lower() not in log.lower()


def no_steps(answer: httpx.Response) -> bool:
    """A trace of nothing is empty."""
    return answer.status_code == 200 and answer.content == b'{"steps":[]}'
