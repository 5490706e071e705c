"""Nothing personal leaves by a channel that is not for it. The search counts only because it first finds."""

import asyncio
import base64
import json
import quopri
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import uvloop
from jsonschema import Draft202012Validator, FormatChecker
from lahetti.composition.embedded import Running
from lahetti.demo.case_run import CaseRun
from lahetti.demo.cases import CASES
from lahetti.demo.play import play
from lahetti.demo.world import EhrSide, Referral, TopicRecord, World
from support.canary import Canary, Finding, Mark, marks_of, told
from support.canary_channels import PLANTED_TOPIC, Channels, overhearing, plant
from support.performances import embedded_world, processes_world

ASYNCAPI = Path(__file__).resolve().parents[2] / "docs" / "asyncapi.json"
PLANTED = Mark("name", "Kylvetty-Merkkilä")
PHONE, HETU = Mark("phone", "+358 40 000 7319"), Mark("HETU", "140578-901J")
FAMILY = "Lintukoto-Ämyri"


@dataclass(frozen=True)
class MarkedEhr(EhrSide):
    """An EHR whose clients are all known by name, phone and HETU; what it says of them is kept in `marks`."""

    marks: list[Mark] = field(default_factory=list[Mark])

    def new_referral(self, **choices: Any) -> Referral:
        number = len(self.marks)
        marked = {"client_name": f"{FAMILY}, Aino", "phone": f"+358 40 000 {7400 + number}", "hetu": True}
        referral = super().new_referral(**(marked | choices))
        self.marks.extend(marks_of(referral.bundle))
        return referral


@dataclass
class Performance:
    """What two searches of one installation saw: after planting, and after the real cases."""

    planted: dict[str, list[bytes]]
    real: dict[str, list[bytes]]
    marks: list[Mark]
    records: list[TopicRecord]
    runs: list[CaseRun]


def marked(world: World) -> list[Mark]:
    """Let all EHRs of the world mark their clients; the list that they write to."""
    marks: list[Mark] = []
    world.ehrs = {
        name: MarkedEhr(side.client_id, side.api, side.server, marks) for name, side in world.ehrs.items()
    }
    return marks


async def perform(folder: Path, opened: AbstractAsyncContextManager[tuple[World, Running]]) -> Performance:
    """Plant, look, play all cases, let the tools tell of them, look again."""
    with overhearing() as overheard:
        async with opened as (world, running):
            channels = Channels(folder, world, running.whereabouts, overheard)
            async with channels.talkative_log():
                await plant(channels, PLANTED)
                planted = await channels.collected()
                marks = marked(world)
                runs = [CaseRun(case.name, case.channel) for case in CASES]
                await play(CASES, world, lambda _: None, runs)
                await tell(channels, runs)
                return Performance(
                    planted, await channels.collected(), marks, await world.read_topics(), runs
                )


async def tell(channels: Channels, runs: Sequence[CaseRun]) -> None:
    """All that a person at a terminal would ask about these cases."""
    for run in runs:
        channels.printed += [json.dumps(run.result("short"), ensure_ascii=False).encode()]
        channels.printed += [what.encode() for _, what in run.steps]
        if run.referral:
            for more in ([], ["--json"]):
                assert await channels.print_by("trace", run.referral, *more) == 0
    for tool in ("cases", "topics", "doctor"):
        await channels.print_by(tool)
        await channels.print_by(tool, "--json")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(embedded_world, id="embedded"),
        pytest.param(processes_world, id="engines", marks=pytest.mark.engines),
    ],
)
def performance(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Performance:
    folder = tmp_path_factory.mktemp("canary")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(perform(folder, request.param(folder, poll_seconds=0.5)))


def search(canary: Canary, channels: dict[str, list[bytes]]) -> dict[str, set[Finding]]:
    return {name: canary.found(b"\n".join(parts)) for name, parts in channels.items()}


FORMS = {
    "plain": lambda text: text.encode(),
    "upper case": lambda text: text.upper().encode(),
    "without accents": lambda text: text.replace("ä", "a").encode(),
    "Latin-1": lambda text: text.encode("latin-1"),
    "URL-encoded": lambda text: quote(text, safe="").encode(),
    "URL-encoded as a form": lambda text: quote_plus(text).encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(f"ÿÿ {text}".encode()),
    "base64, one on": lambda text: base64.b64encode(f"x{text} y".encode()),
    "base64, two on": lambda text: base64.b64encode(f"xx{text} y".encode()),
    "base64 in upper case": lambda text: base64.b64encode(text.upper().encode()),
    "base64 in lines": lambda text: base64.encodebytes((f"{'a word ' * 20}{text}").encode()),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()),
    "quoted-printable across lines": lambda text: quopri.encodestring(f"{'x' * 70}{text}".encode()),
    "in a JSON string": lambda text: json.dumps(text).encode(),
    "in HTML": lambda text: text.encode("ascii", "xmlcharrefreplace"),
    "as Python's bytes": lambda text: repr(text.encode()).encode(),
}
DIGITS = {
    "national": b"040 000 7319",
    "bare": b"0400007319",
    "with the country": b"358400007319",
    "with hyphens": b"(040) 000-73-19",
    "in a URL": b"%2B358%2040%20000%207319",
    "in base64": base64.b64encode(b"tel:+358400007319"),
    "in quoted-printable": b"=2B358=2040=20000=207319",
}


@pytest.mark.parametrize("form", FORMS)
def test_the_search_finds_a_name_in_each_form(form: str) -> None:
    hidden = b'{"id": "0190", "x": "' + FORMS[form](PLANTED.text) + b'"}'
    assert Canary([PLANTED]).found(hidden), form
    assert not Canary([Mark("name", "Jokumuu-Nimi")]).found(hidden)


@pytest.mark.parametrize("form", DIGITS)
def test_the_search_finds_a_phone_by_its_digits(form: str) -> None:
    assert Canary([PHONE]).found(b"call " + DIGITS[form] + b" now"), form
    assert not Canary([Mark("phone", "+358 40 000 7320")]).found(DIGITS[form])


@pytest.mark.parametrize("form", ["140578-901J", "140578901j", "140578 901J", "140578A901", "140578%2D901J"])
def test_the_search_finds_a_hetu_by_its_digits(form: str) -> None:
    assert Canary([HETU]).found(form.encode())
    assert not Canary([HETU]).found(b"140578-902J 2026-01-13 578901")


def test_the_search_finds_what_was_planted_in_each_channel(performance: Performance) -> None:
    """INVARIANT: a canary that cannot find proves nothing; a channel silent here is not searched."""
    findings = search(Canary([PLANTED]), performance.planted)
    assert [name for name, found in findings.items() if not found] == []


def test_every_case_was_played(performance: Performance) -> None:
    assert [(run.name, run.problem) for run in performance.runs if not run.ok] == []
    assert {mark.what for mark in performance.marks} == {
        "name", "phone", "HETU", "date of birth", "note", "professional", "reason",
    }  # fmt: skip
    assert sum(mark.text == FAMILY for mark in performance.marks) > 10


def test_no_channel_holds_anything_of_a_person(
    performance: Performance, capsys: pytest.CaptureFixture[str]
) -> None:
    """INVARIANT: rule 2. What is known of people is in the vaults, at the provider's page behind its PIN, and
    in answers to those who may read it; never in a topic, a log, a figure, a mail, an address or a title."""
    findings = search(Canary(performance.marks), performance.real)
    with capsys.disabled():
        print(f"\ncanary: {len(set(performance.marks))} marks\n{told(performance.real, findings)}")
    assert {name: found for name, found in findings.items() if found} == {}
    empty = [name for name, parts in new(performance).items() if not any(parts)]
    assert empty == [], "nothing was searched there"


def new(performance: Performance) -> dict[str, list[bytes]]:
    """What the real cases added to each channel beyond what was planted before them."""
    planted = {name: set(parts) for name, parts in performance.planted.items()}
    return {
        name: [part for part in parts if part not in planted[name]]
        for name, parts in performance.real.items()
    }


STATUS_REASONS = (
    b"client-not-reached", b"client-declined", b"wrong-referral", b"no-longer-needed", b"no-capacity",
    b"permission-withdrawn",
)  # fmt: skip


def test_no_topic_tells_why_a_task_ended(performance: Performance) -> None:
    values = b"\n".join(performance.real["topic value"] + performance.real["topic header"])
    assert [reason for reason in STATUS_REASONS if reason in values] == []


def described() -> Iterator[tuple[re.Pattern[str], dict[str, Any]]]:
    """Each channel of the description: which topics it is, and its messages by type."""
    document = json.loads(ASYNCAPI.read_text())
    messages = document["components"]["messages"]
    for channel in document["channels"].values():
        topic = re.escape(channel["address"]).replace(r"\{provider\}", "[a-z0-9-]{1,40}")
        own = {one["$ref"].rpartition("/")[2] for one in channel["messages"].values()}
        yield re.compile(topic), {name: messages[name] for name in own}


def test_every_record_is_as_the_event_description_says(performance: Performance) -> None:
    channels = list(described())
    faults: list[str] = []
    seen: set[str] = set()
    for record in performance.records:
        if record.topic == PLANTED_TOPIC:
            continue
        [messages] = [messages for topic, messages in channels if topic.fullmatch(record.topic)]
        if record.type not in messages:
            faults.append(f"{record.type} on {record.topic}")
            continue
        message = messages[record.type]
        seen.add(record.type)
        faults += [f"{record.type}: {fault}" for fault in _faults(message, record)]
    assert faults == []
    assert {
        "referral.routed", "referral.revoked", "referral.refused", "referral.closed", "task.requested",
        "task.cancelled", "task.status-changed", "delivery.succeeded", "write-back.succeeded",
        "provider.changed", "endpoint.changed",
    } <= seen  # fmt: skip


def _faults(message: dict[str, Any], record: TopicRecord) -> Iterator[str]:
    for schema, value in (
        (message["headers"], record.headers),
        (message["payload"], json.loads(record.value)),
    ):
        validator = Draft202012Validator(schema, format_checker=FormatChecker())
        yield from (error.json_path + " " + error.message for error in validator.iter_errors(value))
    if record.headers["ce_subject"] != record.key:
        yield "the key is not the subject"
