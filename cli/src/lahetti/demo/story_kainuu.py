"""Kainuu: low and high risk part ways, and courses have places."""

import asyncio
from collections import Counter
from typing import Any

from lahetti.demo import provider_side as providers
from lahetti.demo.case_run import Case, CaseRun
from lahetti.demo.county_side import (
    Choices,
    check_rule,
    check_service,
    check_topics,
    refer,
    refused,
    route,
    until_served,
)
from lahetti.demo.ehr_side import until_task_a
from lahetti.demo.world import Referral, World
from lahetti.simulators.provider_task import ProviderTask

KAJAANI, KUHMO, HYRYNSALMI = "205", "290", "105"
CHOICES: Choices = {"recipient_kinds": ("municipality", "county")}
PHYSIOTHERAPY, COUNSELLING = "kainuu-fysioterapia", "kainuu-fysioterapeutin-neuvonta"
SKILLED: tuple[tuple[str, dict[str, Any], dict[str, Any], tuple[str, ...]], ...] = (
    ("high-risk", {"risk": "high"}, {}, ("risk",)),
    ("already-ill", {"diagnoses": True, "risk": "low"}, {}, ("diagnoses",)),
    ("many-problems", {}, {"reasons": ("overweight", "diabetes", "high-blood-pressure")}, ("reasons",)),
    ("physiotherapist-needed", {"physiotherapist": True, "risk": "low"}, {}, ("physiotherapist",)),
)
"""Rule, what the professional says, the reasons, and what the rule looks at."""
CLIENTS, PLACES_OF_GYM, PLACES_OF_WATER = 16, 4, 8


async def low_risk(world: World, run: CaseRun) -> None:
    """Straight to the municipality's low-threshold counselling (D11)."""
    name: Choices = {"client_name": "Matalariski, Maija"}
    referral = await refer(world, run, facts={"risk": "low"}, municipality=KUHMO, **CHOICES, **name)
    await check_rule(world, run, referral, "low-risk", ["risk"])
    await until_served(world, run, "kuhmo", referral, "kuhmo-liikuntaneuvonta")
    await check_topics(world, run, "Matalariski")


async def to_a_physiotherapist(world: World, run: CaseRun) -> None:
    """High risk, already ill, many problems at once, or a physiotherapist's skill: four criteria (D11)."""
    for rule, facts, choices, inputs in SKILLED:
        referral = await refer(
            world, run, facts=facts, municipality=KUHMO, client_name="Taitoinen, Timo", **CHOICES, **choices
        )
        await check_rule(world, run, referral, rule, inputs)
        await until_served(world, run, PHYSIOTHERAPY, referral, COUNSELLING)
    await check_topics(world, run, "Taitoinen")


async def not_assessed(world: World, run: CaseRun) -> None:
    """Nobody assessed the risk, and the municipality has no service: a physiotherapist."""
    name: Choices = {"client_name": "Arvioimaton, Arvi"}
    referral = await refer(world, run, facts={}, municipality=HYRYNSALMI, **CHOICES, **name)
    inputs = ["physiotherapist", "risk", "diagnoses", "reasons"]
    await check_rule(world, run, referral, "risk-not-assessed", inputs)
    await until_served(world, run, PHYSIOTHERAPY, referral, COUNSELLING)
    await check_topics(world, run, "Arvioimaton")


async def own_choice(world: World, run: CaseRun) -> None:
    """High risk, yet the professional knows the client: the municipality's counselling, with a reason."""
    facts: Choices = {"risk": "high", "override": ("exercise-counselling", "Asiakas on jo kuntoutunut.")}
    name: Choices = {"client_name": "Ohitettu, Outi"}
    referral = await refer(world, run, facts=facts, municipality=KUHMO, **CHOICES, **name)
    await check_rule(world, run, referral, "high-risk", ["risk"], overridden=True)
    await until_served(world, run, "kuhmo", referral, "kuhmo-liikuntaneuvonta")
    await check_topics(world, run, "Ohitettu", "kuntoutunut")


async def sixteen_clients(world: World, run: CaseRun) -> None:
    """Sixteen clients of physiotherapy at once: each has a place, no course takes one too many (D12)."""
    facts, kajaani = {"risk": "low", "profession": "physiotherapist"}, world.providers["kajaani"]
    parts = [CaseRun(run.name, run.channel) for _ in range(CLIENTS)]
    referrals = await asyncio.gather(
        *(refer(world, one, facts=facts, municipality=KAJAANI, client_name="Kurssilainen, Kaisa", **CHOICES)
          for one in parts)
    )  # fmt: skip
    run.step(f"{CLIENTS} referred at once")
    tasks = await asyncio.gather(
        *(_accepted(world, part, one) for part, one in zip(parts, referrals, strict=True))
    )
    for task in tasks:
        check_service(run, task, "kajaani-kuntosali")
    taken = Counter(task.service_request["occurrencePeriod"]["start"] for task in tasks)
    run.check(sum(taken.values()) == CLIENTS, "each client is told of a course")
    run.check(max(taken.values()) <= PLACES_OF_GYM, f"no course takes more than its places, yet {taken}")
    run.check(len(taken) == CLIENTS // PLACES_OF_GYM, "the first courses are filled before the next begin")
    run.step(f"{len(taken)} courses, {PLACES_OF_GYM} places each")
    await check_rule(world, run, referrals[0], "low-risk", ["risk"])
    run.referral, run.task, run.status = referrals[0].id, tasks[0].id, "accepted"
    run.check(not kajaani.failures, "the provider can answer each")
    await until_accepted_at_the_ehr(world, run, referrals)
    await check_topics(world, run, "Kurssilainen")


async def _accepted(world: World, run: CaseRun, referral: Referral) -> ProviderTask:
    kajaani = world.script("kajaani", referral, providers.accept)
    return await providers.until_status(run, kajaani, referral, "accepted")


async def until_accepted_at_the_ehr(world: World, run: CaseRun, referrals: list[Referral]) -> None:
    """Task A of each shows that it was accepted."""
    server = world.ehrs["write"].server
    assert server is not None  # noqa: S101 - this EHR keeps its Tasks
    urls = [one.task_a for one in referrals if one.task_a]
    await run.until("EHR: accepted", lambda: all(server.task(url)["status"] == "accepted" for url in urls))
    run.ehr_status = "accepted"


async def last_place(world: World, run: CaseRun) -> None:
    """The water course's last place is taken and the next one told; a place given back is taken again."""
    facts, choices = (
        {"risk": "low", "profession": "public-health-nurse"},
        {**CHOICES, "municipality": KAJAANI},
    )
    choices["client_name"] = "Vesiliikkuja, Vesa"
    before = await _water(world, run)
    run.check(before == (PLACES_OF_WATER, True), f"the dry run tells the places left, not {before}")
    parts = [CaseRun(run.name, run.channel) for _ in range(PLACES_OF_WATER)]
    taken = await asyncio.gather(*(refer(world, one, facts=facts, **choices) for one in parts))
    run.step(f"{PLACES_OF_WATER} places taken")
    after = await _water(world, run)
    run.check(after == (0, False), f"the dry run tells that none is left, not {after}")
    told = await refused(world, run, "course-full", facts=facts, **choices)
    run.check("referrer-not-taken" in told.slugs, "it says that the gym takes physiotherapy's clients only")
    first = taken[0]
    kajaani = world.script("kajaani", first, providers.reject("client-declined"))
    await providers.until_status(run, kajaani, first, "rejected")
    await until_task_a(run, world.ehrs["write"], first, "rejected")
    await run.until_answered("the place is free again", lambda: _is_free(world, run))
    referral = await refer(world, run, facts=facts, **choices)
    await check_rule(world, run, referral, "low-risk", ["risk"])
    task = await until_served(world, run, "kajaani", referral, "kajaani-vesiliikunta")
    run.check(task.service_request.get("locationCode"), "the provider is told where the course is")
    await check_topics(world, run, "Vesiliikkuja")


async def _water(world: World, run: CaseRun) -> tuple[int, bool]:
    """How many places of the water course are left, and whether it can take a low-risk client."""
    asked: Choices = {
        "pathway": "exercise",
        "municipality": KAJAANI,
        "risk": "low",
        "profession": "public-health-nurse",
    }
    found = await route(world, run, **asked)
    one = next(one for one in found["candidate"] if one.get("course") == "water-1")
    return one["left"], one["available"]


async def _is_free(world: World, run: CaseRun) -> bool:
    return (await _water(world, run))[1]


CASES = (
    Case("low risk: the municipality", "webhook", low_risk),
    Case("four ways to a physiotherapist", "webhook", to_a_physiotherapist),
    Case("risk not assessed", "webhook", not_assessed),
    Case("overridden, with a reason", "webhook", own_choice),
    Case("sixteen clients, gym courses", "webhook", sixteen_clients),
    Case("the water course's last place", "webhook", last_place),
)
