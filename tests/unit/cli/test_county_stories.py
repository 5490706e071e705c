"""A county's story is told with that county's own folder, in any year."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from lahetti.__main__ import run as lahetti
from lahetti.commands.county import county_files
from lahetti.demo.case_run import CaseFailedError, CaseRun
from lahetti.demo.county_side import check_rule, check_topics, text_of
from lahetti.demo.county_story import STORIES, county_story, story_county
from lahetti.demo.story import DemoClient
from lahetti.demo.world import EhrSide, Referral, TopicRecord, World
from lahetti.refusals import Refused
from lahetti.simulators.fhir_client import Answer, FhirClient
from lahetti.simulators.mailbox import Mailbox
from referral_gateway.bootstrap import county_problems

COUNTIES = Path(__file__).resolve().parents[3] / "counties"
CLIENTS = [DemoClient("ehr-write", "http://127.0.0.1:8/fhir"), DemoClient("ehr-poll", None)]


def test_every_county_of_ours_has_a_story() -> None:
    assert sorted(STORIES) == sorted(path.name for path in COUNTIES.iterdir() if path.is_dir())
    assert min(map(len, STORIES.values())) >= 3


@pytest.mark.parametrize("county", sorted(STORIES))
@pytest.mark.parametrize("year", [2026, 2027, 2031])
def test_the_storys_county_is_the_countys_own_and_loads_in_any_year(county: str, year: int) -> None:
    files = county_files(COUNTIES / county)
    story = county_story(files)
    addresses = {
        one.endpoint: f"mailto:{one.mail}" if one.mail else "http://127.0.0.1:9" for one in story.actors
    }
    made = story_county(files, date(year, 11, 30), addresses, CLIENTS)
    assert county_problems(made) == []
    kept = {
        path
        for path in files
        if path.split("/")[0] not in {"directory", "agreements", "clients.yaml", "procedures.yaml"}
    }
    assert {path: made[path] for path in kept} == {path: files[path] for path in kept}
    days = [day for path, text in made.items() if path.startswith("agreements/") for day in _ahead(text)]
    assert min(days, default=date.max) > date(year, 12, 1)


def _ahead(agreement: str) -> list[date]:
    """The days that a story needs to lie ahead: a course's first, an agreement's last."""
    read: dict[str, Any] = yaml.safe_load(agreement)
    days = [party["course"]["starts"] for party in read["parties"] if "course" in party]
    days += [read["valid"]["until"]] if "until" in read["valid"] else []
    return [date.fromisoformat(str(day)) for day in days]


def test_a_course_that_is_moved_keeps_its_weekday_and_its_length() -> None:
    files = county_files(COUNTIES / "kainuu")
    made = story_county(files, date(2029, 5, 1), {}, CLIENTS)
    for before, after in zip(_courses(files), _courses(made), strict=True):
        assert (after["starts"].weekday(), after["ends"] - after["starts"]) == (
            before["starts"].weekday(), before["ends"] - before["starts"],
        )  # fmt: skip


def _courses(files: dict[str, str]) -> list[dict[str, Any]]:
    parties = yaml.safe_load(files["agreements/low-threshold.yaml"])["parties"]
    return [
        {name: date.fromisoformat(str(one["course"][name])) for name in ("starts", "ends")}
        for one in parties
        if "course" in one
    ]


def test_a_folder_that_is_no_countys_and_one_without_a_story_are_refused() -> None:
    with pytest.raises(Refused, match="county check"):
        county_story({"county.yaml": "id: [x"})
    with pytest.raises(Refused, match="kainuu, keski-suomi"):
        county_story({"county.yaml": "id: uusimaa"})


def test_a_name_that_is_no_countys_ends_2_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert lahetti(["demo", "--county", "atlantis", "--state", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "lahetti: counties/atlantis is not a folder\n"


class Told(FhirClient):
    """A platform that answers every read with `body`."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__("http://127.0.0.1:1", lambda: "")
        self.body = body

    async def read(self, path: str) -> Answer:
        return Answer(200, self.body, {}, 0.0)


def provenance(rule: str, words: str, *inputs: str, basis: str = "rule") -> dict[str, Any]:
    url = "https://lahetti.example/fhir/StructureDefinition/routing-input"
    system = "https://lahetti.example/fhir/rules/kainuu/exercise"
    return {
        "extension": [{"url": url, "valueCode": name} for name in inputs],
        "reason": [{"coding": [{"system": system, "code": rule, "display": words}]}],
        "activity": {"coding": [{}, {"code": basis}]},
    }


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Kainuu, of which `told` says what can be read and which records lie on its topics."""

    async def read_topics() -> list[TopicRecord]:
        return []

    client = Told({})
    files = county_files(COUNTIES / "kainuu")
    made = World({"write": EhrSide("ehr", client, None)}, {}, Mailbox(), {}, client, read_topics, files)
    yield made
    await made.close()


def told(world: World, body: dict[str, Any], *records: TopicRecord) -> World:
    async def read_topics() -> list[TopicRecord]:
        return list(records)

    world.ehrs["write"] = EhrSide("ehr", Told(body), None)
    world.read_topics = read_topics
    return world


def accepted(slug: str, words: str) -> Referral:
    issue = {"details": {"text": f"... {words}", "coding": [{"code": slug}]}}
    return Referral({}, None, "r1", {"entry": [{"response": {"outcome": {"issue": [issue]}}}]})


HIGH = "Riski on korkea."
RULE = provenance("high-risk", HIGH, "risk")


async def test_the_rule_that_decided_is_found_by_its_words_and_inputs(world: World) -> None:
    run = CaseRun("a case", "webhook")
    await check_rule(told(world, RULE), run, accepted("routed-by-rule", HIGH), "high-risk", ["risk"])
    assert run.steps[-1][1] == "rule high-risk"


@pytest.mark.parametrize(
    ("body", "referral", "found"),
    [
        (RULE, accepted("rule-overridden", HIGH), "the answer tells"),
        (RULE, accepted("routed-by-rule", "Ei mitään."), "so has the answer"),
        (provenance("low-risk", HIGH, "risk"), accepted("routed-by-rule", HIGH), "not low-risk"),
        (provenance("high-risk", "Muuta.", "risk"), accepted("routed-by-rule", HIGH), "own words"),
        (provenance("high-risk", HIGH), accepted("routed-by-rule", HIGH), "it looked at"),
        (
            provenance("high-risk", HIGH, "risk", basis="override"),
            accepted("routed-by-rule", HIGH),
            "basis",
        ),
    ],
)
async def test_another_rule_or_other_words_are_found(
    world: World, body: dict[str, Any], referral: Referral, found: str
) -> None:
    with pytest.raises(CaseFailedError, match=found):
        await check_rule(told(world, body), CaseRun("x", "webhook"), referral, "high-risk", ["risk"])


@pytest.mark.parametrize("part", ["topic", "key", "headers", "value"])
async def test_a_name_in_any_part_of_a_record_is_found(world: World, part: str) -> None:
    run = CaseRun("x", "webhook", referral="r1")
    clean = TopicRecord("t", "referral.routed", "r1", {}, b"{}")
    parts: dict[str, Any] = {"topic": "Matti", "key": "Matti", "headers": {"h": "Matti"}, "value": b"Matti"}
    record = TopicRecord(
        **({"topic": "t", "type": "x", "key": "k", "headers": {}, "value": b""} | {part: parts[part]})
    )
    await check_topics(told(world, {}, clean), run, "Matti")
    with pytest.raises(CaseFailedError, match="no topic holds"):
        await check_topics(told(world, {}, clean, record), run, "Matti")
    with pytest.raises(CaseFailedError, match="can be read"):
        await check_topics(told(world, {}), run, "Matti")


def test_the_words_of_a_refusal_are_those_of_all_its_issues() -> None:
    issues = [{"details": {"text": "yksi"}}, {"details": {"text": "kaksi"}}]
    assert text_of(Answer(422, {"issue": issues}, {}, 0.0)) == "yksi\nkaksi"
