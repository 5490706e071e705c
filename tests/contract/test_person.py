"""What a person may ask: who read what, a copy of all, and erasure from every table of every service."""

import asyncio
import json
import sqlite3
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from lahetti.__main__ import run
from lahetti.state import StateFolder, Whereabouts
from support.canary import Canary, Mark
from support.routes import Installation, until
from support.routes_attempts import good
from support.routes_tables import everything
from support.routes_world import EHR, OTHER_EHR, Referred, World, bundle, county_world, refer

HETU, OTHER_HETU = "140578-9018", "010594-9032"
FIRST, SECOND = "Merkittylä", "Merkintönen"
PHONE, OTHER_PHONE = "+358 40 0990 077", "+358 40 0990 088"
STAFF = "lahetti/person.r lahetti/person.w system/AuditEvent.s"


def patient_with(hetu: str, name: str, phone: str) -> dict[str, Any]:
    """A referral's Bundle about a marked person."""
    posted = bundle(client_name=f"{name}, Aino", phone=phone)
    patient = next(one["resource"] for one in posted["entry"] if one["resource"]["resourceType"] == "Patient")
    patient["identifier"] = [{"system": "urn:oid:1.2.246.21", "value": hetu}]
    return posted


class People:
    """Two referrals of one person, from two record systems, and one of somebody else."""

    def __init__(self, world: World, first: Referred, second: Referred, other: Referred) -> None:
        self.world, self.three = world, world.three
        self.first, self.second, self.other = first, second, other
        self.canary = Canary([Mark("name", FIRST), Mark("HETU", HETU), Mark("phone", PHONE)])
        self.others = Canary([Mark("name", SECOND), Mark("HETU", OTHER_HETU), Mark("phone", OTHER_PHONE)])

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        answer = await self.three.http.post(
            path, json=body, headers=self.three.token(STAFF, "staff", "officer")
        )
        return answer.status_code, answer.json()

    async def close(self, referred: Referred, client: str) -> None:
        """The provider accepts, the client withdraws the permission; the loops end it."""
        accepted = await good("PATCH /fhir/Task/{task}", self.world, referred).send(self.three.http)
        assert accepted.status_code == 200, accepted.text
        withdrawn = good("PATCH /fhir/Consent/{resource_id}", self.world, referred)
        headers = {**withdrawn.headers, **self.world.as_ehr(client)}
        answer = await self.three.http.patch(withdrawn.path, content=withdrawn.content, headers=headers)
        assert answer.status_code == 200, answer.text

        async def closed() -> bool:
            _, found = await self.post("/gateway/person", {"referral": referred.id})
            at_gateway = any(one["id"] == referred.id and one["closed_at"] for one in found["referrals"])
            return at_gateway and self._is_closed_at_collector(referred.id)

        await until("the referral is closed at both", closed)

    def _is_closed_at_collector(self, referral: str) -> bool:
        """The collector learns of it by an event, a moment after the gateway has closed it."""
        file = self.three.databases["collector"]
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT closed_at FROM tasks WHERE id = ?", [referral]).fetchone()
        return found is not None and found[0] is not None


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    async with county_world(tmp_path) as world, world.three.loops():
        first = await refer(world, patient_with(HETU, FIRST, PHONE), EHR)
        second = await refer(world, patient_with(HETU, FIRST, PHONE), OTHER_EHR)
        other = await refer(world, patient_with(OTHER_HETU, SECOND, OTHER_PHONE), EHR)
        yield People(world, first, second, other)


async def test_a_person_is_found_by_code_by_referral_and_by_nothing_else(people: People) -> None:
    both = {people.first.id, people.second.id}
    for asked in ({"hetu": HETU}, {"hetu": HETU.lower()}, {"referral": people.first.id}):
        status, found = await people.post("/gateway/person", asked)
        assert status == 200
        assert {one["id"] for one in found["referrals"]} == both
    at_client = {"client": EHR, "system": "https://ehr.example.org/person", "value": HETU}
    for nobody in ({"hetu": "010180-9026"}, {"referral": people.world.three.base_url}, at_client):
        _, found = await people.post("/gateway/person", nobody)
        assert not found.get("referrals")


async def test_a_copy_holds_what_both_vaults_know_of_the_person_and_nobody_else(people: People) -> None:
    await people.close(people.first, EHR)
    asked = {"referrals": [people.first.id, people.second.id]}
    for vault, types in (
        ("gateway", {"Patient", "ServiceRequest", "Consent", "Binary"}),
        ("collector", {"Task"}),
    ):
        status, copy = await people.post(f"/{vault}/person/export", asked)
        assert status == 200
        assert {entry["resource"]["resourceType"] for entry in copy["entry"]} >= types
        content = orjson.dumps(copy)
        assert not people.others.found(content)
        if vault == "gateway":
            assert {one.what for one in people.canary.found(content)} == {"name", "HETU", "phone"}
        else:
            assert "Salamerkkinen" in content.decode(), "what the provider wrote on the Task"


async def test_after_an_erasure_no_table_of_any_service_knows_the_person(people: People) -> None:
    """INVARIANT: an erasure leaves nothing that tells who it was; a table that is added is searched too."""
    before = everything(people.three)
    assert {one.what for one in people.canary.found(before)} == {"name", "HETU", "phone"}
    await people.close(people.first, EHR)
    asked = {"referrals": [people.first.id, people.second.id]}
    status, refused = await people.post("/gateway/person/erase", asked)
    assert (status, refused["issue"][0]["details"]["coding"][0]["code"]) == (409, "person-referral-open")
    assert (await people.post("/collector/person/erase", asked))[0] == 409
    await people.close(people.second, OTHER_EHR)
    told: dict[str, dict[str, int]] = {}
    for service in ("notifier", "collector", "gateway"):
        status, told[service] = await people.post(f"/{service}/person/erase", asked)
        assert status == 200, told
    assert told["gateway"]["referrals"] == 2
    assert told["gateway"]["received"] == 2
    assert told["collector"]["tasks"] == 4
    assert told["collector"]["page links"] == 2
    assert set(told["notifier"]) == {"deliveries", "attempts", "events"}
    after = everything(people.three)
    assert people.canary.found(after) == set()
    assert "Salamerkkinen" not in after.decode("utf-8", "replace"), "what the provider wrote of them"
    assert {one.what for one in people.others.found(after)} == {"name", "HETU", "phone"}, (
        "nobody else is touched"
    )
    reader = people.world.as_provider()
    for path in (f"Patient/{people.first.id}", f"Task/{people.first.task}"):
        assert (await people.three.http.get(f"/fhir/{path}", headers=reader)).status_code in {403, 404}
    assert (await people.three.http.get(f"/p/{people.first.link}")).status_code == 404
    events = await people.three.http.get(
        f"/fhir/AuditEvent?entity=ServiceRequest/{people.first.id}&_count=100",
        headers=people.three.token(STAFF, "staff", "officer"),
    )
    codes = {entry["resource"]["subtype"][0]["code"] for entry in events.json()["entry"]}
    assert "delete" in codes, "that it was erased, and who had read it, is known by ids"
    status, again = await people.post("/gateway/person/erase", asked)
    assert (status, again["documents"]) == (200, 0), "once more changes nothing"
    assert (await people.post("/gateway/person", {"hetu": HETU}))[1]["referrals"] == []


@pytest.fixture
def lahetti(
    people: People, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """The command, with a line on its standard input; the installation runs in this process's loop."""
    three: Installation = people.three
    state = StateFolder(tmp_path)
    state.tell(
        Whereabouts(
            base_url=three.base_url,
            key_file=str(three.key_file),
            event_log_url="",
            topic_prefix="",
            redis_url="fake://",
            database_urls={},
            probes={},
            pid=1,
        )
    )

    def call(line: str, *arguments: str) -> tuple[int, list[Any], str]:
        monkeypatch.setattr("sys.stdin", StringIO(line))
        code = run([*arguments, "--state", str(tmp_path), "--json"])
        captured = capsys.readouterr()
        return code, [json.loads(one) for one in captured.out.splitlines()], captured.err

    return call


async def in_thread(call: Callable[..., Any], *arguments: str) -> Any:
    return await asyncio.to_thread(call, *arguments)


async def test_the_command_tells_copies_and_erases(
    people: People, lahetti: Callable[..., Any], tmp_path: Path
) -> None:
    reader = people.world.as_provider()
    assert (
        await people.three.http.get(f"/fhir/Patient/{people.first.id}", headers=reader)
    ).status_code == 200
    code, rows, err = await in_thread(lahetti, f"{HETU}\n", "person", "access-log")
    assert code == 0, err
    assert [row["who"] for row in rows if row["what"].startswith(f"Patient/{people.first.id}/")] == ["kotka"]
    assert not any(people.other.id in row["what"] for row in rows)
    file = tmp_path / "copy.json"
    code, [told], err = await in_thread(lahetti, f"{HETU}\n", "person", "export", "--to", str(file))
    assert (code, told["referrals"], stat.S_IMODE(file.stat().st_mode)) == (0, 2, 0o600), err
    assert people.canary.found(file.read_bytes())
    assert (await in_thread(lahetti, "", "person", "export", "--to", str(file)))[0] == 2, (
        "it is there already"
    )
    code, _, err = await in_thread(lahetti, f"{HETU}\n", "person", "erase", "--yes")
    assert (code, "not closed" in err) == (1, True)
    await people.close(people.first, EHR)
    await people.close(people.second, OTHER_EHR)
    code, rows, err = await in_thread(lahetti, "", "person", "erase", "--referral", people.first.id)
    assert (code, rows[-1]["erased"]) == (0, False), err
    assert people.canary.found(everything(people.three))
    code, rows, err = await in_thread(lahetti, "", "person", "erase", "--referral", people.first.id, "--yes")
    assert (code, rows[-1]["erased"]) == (0, True), err
    assert people.canary.found(everything(people.three)) == set()
    code, rows, err = await in_thread(lahetti, f"{HETU}\n", "person", "access-log")
    assert (code, rows) == (1, []), "nothing is kept that could be found"
    assert HETU not in err
