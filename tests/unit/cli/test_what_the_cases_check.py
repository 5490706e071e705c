"""The demo's own checks find what they look for: a case that cannot fail shows nothing."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from lahetti.demo.case_run import Case, CaseFailedError, CaseRun
from lahetti.demo.cases import CASES
from lahetti.demo.cases_routing import retried
from lahetti.demo.ehr_side import until_task_a
from lahetti.demo.play import show
from lahetti.demo.provider_side import check_notifications
from lahetti.demo.world import EhrSide, Referral
from lahetti.simulators.ehr import EhrRequest, EhrSimulator
from lahetti.simulators.fhir_client import FhirClient
from lahetti.simulators.provider import Notification, ProviderSimulator


@pytest.fixture
def run() -> CaseRun:
    return CaseRun("a case", "webhook")


@pytest.fixture
async def ehr() -> AsyncIterator[EhrSide]:
    server = EhrSimulator("http://127.0.0.1:1/jwks.json")
    yield EhrSide("ehr-write", FhirClient("http://127.0.0.1:1/fhir", lambda: ""), server)
    await server.server.close()


def referral_with(ehr: EhrSide, *statuses: str) -> Referral:
    assert ehr.server is not None
    referral = ehr.new_referral()
    assert referral.task_a is not None
    for status in statuses:
        ehr.server.keep_task(referral.task_a, ehr.server.task(referral.task_a) | {"status": status})
    return referral


async def test_a_task_a_that_goes_forwards_and_ends_is_well(run: CaseRun, ehr: EhrSide) -> None:
    referral = referral_with(ehr, "accepted", "in-progress", "completed")
    assert (await until_task_a(run, ehr, referral, "completed"))["status"] == "completed"


@pytest.mark.parametrize(
    ("statuses", "found"),
    [
        (("in-progress", "accepted", "completed"), "never moves backwards"),
        (("accepted", "rejected", "completed"), "ends once"),
        (("completed", "accepted", "completed"), "never moves backwards"),
    ],
    ids=["backwards", "ended twice", "reopened"],
)
async def test_a_task_a_that_goes_astray_is_found(
    run: CaseRun, ehr: EhrSide, statuses: tuple[str, ...], found: str
) -> None:
    with pytest.raises(CaseFailedError, match=found):
        await until_task_a(run, ehr, referral_with(ehr, *statuses), "completed")


async def test_a_request_to_the_ehr_without_its_token_is_found(run: CaseRun, ehr: EhrSide) -> None:
    assert ehr.server is not None
    referral = referral_with(ehr, "completed")
    ehr.server.requests.append(EhrRequest(0.0, "GET", "/fhir/Task/1", None, False, 401))
    with pytest.raises(CaseFailedError, match="token"):
        await until_task_a(run, ehr, referral, "completed")


def notification(webhook_id: str, number: int, *, verified: bool = True, answered: int = 200) -> Notification:
    return Notification(0.0, webhook_id, verified, "t1", number, number, b"", answered)


ONE, TWO = notification("w1", 1), notification("w2", 2)
REFUSED = notification("w1", 1, answered=503)


@pytest.fixture
async def provider() -> AsyncIterator[ProviderSimulator]:
    provider = ProviderSimulator("kotka", FhirClient("http://127.0.0.1:1/fhir", lambda: ""))
    yield provider
    await provider.close()


@pytest.mark.parametrize("ledger", [[ONE, TWO], [REFUSED, REFUSED, ONE, TWO]], ids=["at once", "after a 503"])
async def test_events_that_arrive_once_and_in_order_are_well(
    run: CaseRun, provider: ProviderSimulator, ledger: list[Notification]
) -> None:
    provider.ledger += ledger
    check_notifications(run, provider, "t1", 2)


@pytest.mark.parametrize(
    ("ledger", "found"),
    [
        ([ONE], "2 event"),
        ([TWO, ONE], "in order"),
        ([ONE, ONE, TWO], "delivered again"),
        ([ONE, notification("w2", 2, verified=False)], "signed"),
    ],
    ids=["lost", "out of order", "twice", "forged"],
)
async def test_events_that_do_not_are_found(
    run: CaseRun, provider: ProviderSimulator, ledger: list[Notification], found: str
) -> None:
    provider.ledger += ledger
    with pytest.raises(CaseFailedError, match=found):
        check_notifications(run, provider, "t1", 2)


def test_a_retry_says_the_same_with_fresh_names_and_other_key_order(ehr: EhrSide) -> None:
    bundle = ehr.new_referral().bundle
    again = retried(bundle)
    assert list(again) == list(reversed(bundle))
    old, new = json.dumps(bundle), json.dumps(again)
    assert old.count("urn:uuid:") == new.count("urn:uuid:") > 0
    assert not {entry["fullUrl"] for entry in bundle["entry"] if "urn" in entry["fullUrl"]} & {
        entry["fullUrl"] for entry in again["entry"]
    }
    assert retried(again, {}) != again


async def good(_: Any, run: CaseRun) -> None:
    run.status = "completed"


async def broken(_: Any, run: CaseRun) -> None:
    run.step("referred")
    run.check(False, "the provider is told")


@pytest.mark.parametrize(("plays", "well"), [([good, good], True), ([good, broken], False)])
async def test_only_if_every_case_ended_well_is_the_demo_well(
    plays: list[Any], well: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [Case(f"case {number}", "webhook", play) for number, play in enumerate(plays)]
    world: Any = None
    assert await show(cases, world, schedule="short", as_json=True) is well
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [result["ok"] for result in results] == [play is good for play in plays]
    assert [result.get("problem") for result in results if not result["ok"]] == (
        [] if well else ["the provider is told"]
    )


async def test_the_table_shows_steps_times_and_what_went_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    world: Any = None
    assert await show([Case("a case", "email", broken)], world, schedule="short", as_json=False) is False
    shown = capsys.readouterr().out
    for part in ("a case", "email", "0.00 referred", "the provider is told", "FAILED", "0 of 1"):
        assert part in shown


def test_every_case_of_the_product_is_played() -> None:
    assert [case.name for case in CASES] == [
        "completed",
        "not reached",
        "declined after acceptance",
        "wrong referral",
        "cancelled by the referrer",
        "a child of nine",
        "no capacity",
        "no permission",
        "permission withdrawn",
        "the same request again",
        "quota used up",
        "provider refuses connections",
        "provider answers 503",
        "EHR down",
        "EHR answers 412",
        "EHR that polls",
    ]
