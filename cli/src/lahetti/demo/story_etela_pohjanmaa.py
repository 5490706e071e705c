"""Etelä-Pohjanmaa: guidance cards of sample content lead to their services, and refuse nobody."""

import asyncio
from typing import Any

from lahetti.demo import provider_side as providers
from lahetti.demo.case_run import Case, CaseRun
from lahetti.demo.county_side import Choices, aged, check_rule, check_topics, refer, until_served
from lahetti.demo.world import World, told

SERVICES = "kuntoutuspalvelut"
SAMPLE = "SAMPLE"
CHOICES: Choices = {"pathway": "rehabilitation", "recipient_kinds": ("county",), "municipality": "743"}
INPUTS = ("reasons",)
ANYBODY: tuple[tuple[int | None, dict[str, Any]], ...] = (
    (3, {"reasons": ("functional-ability",), "child": True}),
    (17, {"reasons": ("musculoskeletal-symptoms",)}),
    (40, {"reasons": (), "other_reason": "Kaatuilee kotona."}),
    (90, {"reasons": ("functional-ability", "musculoskeletal-symptoms")}),
    (None, {"reasons": ("musculoskeletal-symptoms",), "municipality": None}),
)
"""Ages and reasons of people who fit no card's sample criterion, or more than one."""


async def card_of_adults(world: World, run: CaseRun) -> None:
    """The card says for whom, how, who and what to do; the referral goes where the card points (D25)."""
    await _read_card(world, run, "kuntoutus-aikuiset")
    name: Choices = {"client_name": "Korttinen, Kalle", "reasons": ("functional-ability",)}
    referral = await refer(world, run, **CHOICES, **name)
    await check_rule(world, run, referral, "sample-functional-ability", INPUTS)
    await until_served(world, run, SERVICES, referral, "kuntoutus-aikuiset")
    await check_topics(world, run, "Korttinen")


async def card_of_children(world: World, run: CaseRun) -> None:
    """The professional chose the children's card; the guardian is the one to call."""
    await _read_card(world, run, "kuntoutus-lapset")
    facts: Choices = {"born": aged(9)}
    choices: Choices = CHOICES | {
        "child": True,
        "performer": "kuntoutus-lapset",
        "client_name": "Korttinen, Lilli",
    }
    referral = await refer(world, run, facts=facts, reasons=("functional-ability",), **choices)
    await check_rule(world, run, referral, "sample-functional-ability", INPUTS)
    task = await until_served(world, run, SERVICES, referral, "kuntoutus-lapset")
    run.check(task.patient["contact"][0]["telecom"], "the provider reads the guardian's phone")
    await check_topics(world, run, "Korttinen", "Lilli")


async def nobody_refused(world: World, run: CaseRun) -> None:
    """Whoever the client is: no referral is refused on a sample criterion."""
    parts = [CaseRun(run.name, run.channel) for _ in ANYBODY]
    await asyncio.gather(
        *(
            _anybody(world, part, years, choices)
            for part, (years, choices) in zip(parts, ANYBODY, strict=True)
        )
    )
    last = parts[-1]
    run.referral, run.task, run.status, run.ehr_status = (
        last.referral,
        last.task,
        last.status,
        last.ehr_status,
    )
    run.step(f"{len(ANYBODY)} referred, nobody refused")
    await check_topics(world, run, "Kuka-Tahansa", "Kaatuilee")


async def _anybody(world: World, run: CaseRun, years: int | None, choices: dict[str, Any]) -> None:
    facts: Choices = {"born": aged(years) if years is not None else None}
    referral = await refer(world, run, facts=facts, client_name="Kuka-Tahansa, Kuu", **(CHOICES | choices))
    rule = "sample-functional-ability" if "functional-ability" in choices["reasons"] else "sample-everyone"
    await check_rule(world, run, referral, rule, INPUTS)
    simulator = world.script(SERVICES, referral, providers.accept_start_complete)
    await providers.until_status(run, simulator, referral, "completed")
    server = world.ehrs["write"].server
    assert server is not None and referral.task_a is not None  # noqa: S101, PT018 - this EHR keeps its Tasks
    url = referral.task_a
    await run.until("EHR: completed", lambda: server.task(url)["status"] == "completed")
    run.ehr_status = "completed"


async def _read_card(world: World, run: CaseRun, service: str) -> None:
    """For whom, by which route, who is responsible, what to do: all of it there, and marked as a sample."""
    ehr = world.ehrs["write"]
    answer = await ehr.api.read(f"HealthcareService/{service}")
    run.check(answer.status == 200, f"the card can be read, not {told(answer)}")
    card = answer.body
    texts = {
        "for whom": card["eligibility"][0]["comment"],
        "what to do": card["extraDetails"],
        "which route": card["referralMethod"][0]["text"],
    }
    for part, text in texts.items():
        run.check(text.startswith(SAMPLE), f"the card says {part}, marked {SAMPLE}")
    owner = await ehr.api.read(card["providedBy"]["reference"])
    run.check(owner.body["contact"][0]["telecom"], "the card's service names its counterpart")
    run.step("card read")


CASES = (
    Case("a card leads to its service", "webhook", card_of_adults),
    Case("the children's card, chosen", "webhook", card_of_children),
    Case("no sample refuses anybody", "webhook", nobody_refused),
)
