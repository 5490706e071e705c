"""Procedure codes and the ready phrase on Task A: read here, and brought to the record system's own Task."""

from typing import Any

import pytest
from aiohttp import web
from lahetti.simulators.loopback import LoopbackServer
from outcome_collector.adapters.gateway_recordings import KEPT_SECONDS, SILENT_SECONDS, GatewayRecordings
from outcome_collector.adapters.service_token import ServiceTokens
from outcome_collector.domain.recorded import NOTHING, Recording, acts_of
from outcome_collector.ports import RecordingsUnknownError
from referral_contracts.systems import OUTPUT_TYPE, PROGRESS
from service_runtime import http
from service_runtime.delivery.classes import AttemptClass
from service_runtime.ids import new_id
from service_runtime.tokens import TokenSigner, generate_keys
from support.clocks import StandingClock
from support.collector import collector, progress, reason, status
from support.collector_door import Caller, Door, door, ehr, provider
from support.record_system import Home, home

__all__ = ["collector", "door", "ehr", "home", "provider"]

CODES = "urn:oid:1.2.246.537.6.9999"
MADE, CONTACTED, GIVEN = (
    (act, {"system": CODES, "code": code, "display": code})
    for act, code in (("referral-made", "XAA01"), ("client-contacted", "XAA02"), ("guidance-given", "XAA03"))
)
RECORDING = Recording((MADE, CONTACTED, GIVEN), (("fi", "Ohjattu."), ("sv", "Hänvisad.")))


def told(document: dict[str, Any]) -> list[tuple[str, str]]:
    """(which act or language, code or phrase) of what Task A tells to record."""
    found: list[tuple[str, str]] = []
    for output in document.get("output", []):
        kinds = output["type"]["coding"]
        if kinds[0]["code"] in {"procedure-code", "ready-phrase"}:
            assert kinds[0]["system"] == OUTPUT_TYPE
            coded = output.get("valueCodeableConcept", {}).get("coding", [{}])[0].get("code")
            found.append((kinds[1]["code"], coded or output["valueString"]))
    return found


PHRASE = [("fi", "Ohjattu."), ("sv", "Hänvisad.")]
AT_FIRST = [("referral-made", "XAA01"), *PHRASE]
AT_LAST = [("referral-made", "XAA01"), ("client-contacted", "XAA02"), ("guidance-given", "XAA03"), *PHRASE]


async def test_a_polling_record_system_reads_it_wherever_it_reads_task_a(door: Door, ehr: Caller) -> None:
    door.collector.recordings.recording = RECORDING
    routed = await door.collector.route(mode="poll")
    task = await door.collector.task_b(routed)
    a = routed.referral
    assert told((await ehr.get(f"/fhir/Task/{a}")).json()) == AT_FIRST
    for step in ("accepted", "in-progress", "completed"):
        await door.collector.patch(task, status(step))
    assert told((await ehr.get(f"/fhir/Task/{a}")).json()) == AT_LAST
    found = (await ehr.get("/fhir/Task")).json()
    assert [told(entry["resource"]) for entry in found["entry"]] == [AT_LAST]
    assert told((await ehr.get(f"/fhir/Task/{a}/_history/1")).json()) == AT_FIRST
    history = (await ehr.get(f"/fhir/Task/{a}/_history")).json()
    assert [told(entry["resource"]) for entry in history["entry"]][:: len(history["entry"]) - 1] == [
        AT_LAST,
        AT_FIRST,
    ]


async def test_a_provider_reads_nothing_of_it(door: Door, provider: Caller) -> None:
    door.collector.recordings.recording = RECORDING
    task = await door.collector.task_b(await door.collector.route(mode="poll"))
    assert "output" not in (await provider.get(f"/fhir/Task/{task}")).json()
    found = (await provider.get("/fhir/Task")).json()
    assert ["output" in entry["resource"] for entry in found["entry"]] == [False]


async def test_without_a_return_only_the_referrers_own_act_is_told(door: Door, ehr: Caller) -> None:
    """INVARIANT: a code of an act tells what became of the client; without the permission to return it is
    withheld as the progress is."""
    door.collector.recordings.recording = RECORDING
    routed = await door.collector.route(mode="poll", return_permitted=False)
    task = await door.collector.task_b(routed)
    for step in ("accepted", "in-progress", "completed"):
        await door.collector.patch(task, status(step))
    assert told((await ehr.get(f"/fhir/Task/{routed.referral}")).json()) == AT_FIRST
    found = (await ehr.get("/fhir/Task")).json()
    assert [told(entry["resource"]) for entry in found["entry"]] == [AT_FIRST]


async def test_a_silent_gateway_keeps_nobody_from_reading_the_status(door: Door, ehr: Caller) -> None:
    routed = await door.collector.route(mode="poll")
    door.collector.recordings.silent = True
    answer = await ehr.get(f"/fhir/Task/{routed.referral}")
    assert (answer.status_code, answer.json()["status"], told(answer.json())) == (200, "requested", [])
    assert (await ehr.get("/fhir/Task")).status_code == 200


async def test_it_comes_home_with_the_status_once_and_stays(home: Home) -> None:
    home.collector.recordings.recording = RECORDING
    _, task, url = await home.referral()
    for step in (
        (status("accepted"), progress("contacted")),
        (status("on-hold"), reason("waiting-for-place")),
        (status("in-progress"),),
        (status("completed"),),
    ):
        await home.collector.patch(task, *step)
    seen: list[list[tuple[str, str]]] = []
    for _ in range(4):
        assert (await home.bring()).outcome is AttemptClass.DELIVERED
        seen.append(sorted(told(home.ehr.task(url))))
    at_contact = sorted([*AT_FIRST, ("client-contacted", "XAA02")])
    assert seen == [at_contact, at_contact, at_contact, sorted(AT_LAST)]


async def test_a_silent_gateway_holds_up_only_the_last_version(home: Home) -> None:
    home.collector.recordings.recording = RECORDING
    home.collector.recordings.silent = True
    _, task, url = await home.referral()
    for step in ("accepted", "in-progress", "completed"):
        await home.collector.patch(task, status(step))
    for expected in ("accepted", "in-progress"):
        assert (await home.bring()).outcome is AttemptClass.DELIVERED
        assert (home.ehr.task(url)["status"], told(home.ehr.task(url))) == (expected, [])
    assert (await home.bring()).outcome is AttemptClass.UNAVAILABLE
    home.collector.recordings.silent = False
    assert (await home.bring()).outcome is AttemptClass.DELIVERED
    assert sorted(told(home.ehr.task(url))) == sorted(AT_LAST)


async def test_a_gateway_that_stays_silent_does_not_keep_the_last_status_back(home: Home) -> None:
    """What the referrer waits for is the status; that its codes are missing holds nobody up for long."""
    home.collector.recordings.silent = True
    _, task, url = await home.referral()
    for step in ("accepted", "in-progress", "completed"):
        await home.collector.patch(task, status(step))
    outcomes = [(await home.bring()).outcome for _ in range(2)]
    assert outcomes == [AttemptClass.DELIVERED] * 2
    tries = [(await home.bring(attempt=attempt)).outcome for attempt in (1, 2, 3)]
    assert tries == [AttemptClass.UNAVAILABLE, AttemptClass.UNAVAILABLE, AttemptClass.DELIVERED]
    assert (home.ehr.task(url)["status"], told(home.ehr.task(url))) == ("completed", [])


@pytest.mark.parametrize(
    ("state", "contacted", "given"),
    [
        ({"status": "requested"}, False, False),
        ({"status": "accepted"}, False, False),
        ({"status": "accepted", "progress": "contact-attempted"}, False, False),
        ({"status": "accepted", "progress": "scheduled"}, True, False),
        ({"status": "in-progress"}, True, False),
        ({"status": "failed"}, False, False),
        ({"status": "completed"}, True, True),
    ],
)
def test_an_act_is_told_once_it_was_done(state: dict[str, str], contacted: bool, given: bool) -> None:
    document: dict[str, Any] = {"status": state["status"]}
    if "progress" in state:
        document["businessStatus"] = {"coding": [{"system": PROGRESS, "code": state["progress"]}]}
    acts = acts_of(document, permitted=True)
    assert ("client-contacted" in acts, "guidance-given" in acts) == (contacted, given)
    assert acts_of(document, permitted=False) == {"referral-made"}


class Gateway:
    """Answers as the gateway's route does, and counts who asked."""

    def __init__(self) -> None:
        self.server = LoopbackServer(lambda: [web.get("/gateway/recordings", self._answer)])
        self.asked: list[list[str]] = []
        self.told: dict[str, Any] = {}
        self.status = 200

    async def _answer(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"].startswith("Bearer ")
        ids = request.query.getall("referral")
        self.asked.append(ids)
        told = dict.fromkeys(ids, self.told) if self.told else {}
        return web.json_response({"any": bool(self.told), "recordings": told}, status=self.status)


@pytest.fixture
async def asking(tmp_path: Any) -> Any:
    gateway, clock, session = Gateway(), StandingClock(), http.session()
    await gateway.server.come_up()
    tokens = ServiceTokens(TokenSigner(generate_keys(tmp_path / "keys").private), clock)
    yield gateway, clock, GatewayRecordings(session, gateway.server.origin, tokens, clock)
    await session.close()
    await gateway.server.close()


async def test_the_gateway_is_asked_once_for_each_referral(asking: Any) -> None:
    gateway, clock, recordings = asking
    gateway.told = {"procedures": [{"act": MADE[0], **MADE[1]}], "phrase": {"fi": "Ohjattu.", "sv": "Hän."}}
    first, second = new_id(), new_id()
    expected = Recording((MADE,), (("fi", "Ohjattu."), ("sv", "Hän.")))
    assert await recordings.of([first]) == {first: expected}
    assert await recordings.of([first, second]) == {first: expected, second: expected}
    assert gateway.asked == [[first], [second]]
    clock.move(KEPT_SECONDS + 1)
    await recordings.of([first])
    assert gateway.asked[2:] == [[first]]


async def test_a_county_that_records_nothing_is_not_asked_again_for_a_while(asking: Any) -> None:
    gateway, clock, recordings = asking
    for _ in range(3):
        assert await recordings.of([new_id()]) == {}
    assert len(gateway.asked) == 1
    clock.move(KEPT_SECONDS + 1)
    await recordings.of([new_id()])
    assert len(gateway.asked) == 2


async def test_a_gateway_that_gives_no_answer_is_left_alone_for_a_moment(asking: Any) -> None:
    gateway, clock, recordings = asking
    gateway.status = 503
    for _ in range(3):
        with pytest.raises(RecordingsUnknownError):
            await recordings.of([new_id()])
    assert len(gateway.asked) == 1
    gateway.status, gateway.told = 200, {"phrase": {"fi": "A.", "sv": "B."}}
    clock.move(SILENT_SECONDS + 1)
    assert NOTHING not in (await recordings.of([new_id()])).values()


async def test_many_referrals_are_asked_for_in_parts(asking: Any) -> None:
    gateway, _, recordings = asking
    gateway.told = {"phrase": {"fi": "A.", "sv": "B."}}
    wanted = [new_id() for _ in range(250)]
    assert list(await recordings.of(wanted)) == wanted
    assert [len(ids) for ids in gateway.asked] == [100, 100, 50]
