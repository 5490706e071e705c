"""Kymenlaakso: one agreement with six municipalities; lifestyle guidance for all of the county by topic."""

import asyncio

from lahetti.demo.case_run import Case, CaseRun
from lahetti.demo.county_side import (
    Choices,
    aged,
    check_rule,
    check_topics,
    chosen,
    refer,
    refused,
    route,
    text_of,
    until_served,
    words_of,
)
from lahetti.demo.page_side import serve_by_page
from lahetti.demo.world import World

MUNICIPALITIES = {
    "hamina": "075",
    "kotka": "285",
    "kouvola": "286",
    "miehikkala": "489",
    "pyhtaa": "624",
    "virolahti": "935",
}
COACHES = "hyvinvointivalmentajat"
LIFESTYLE: Choices = {"pathway": "lifestyle", "recipient_kinds": ("county",)}


async def six_municipalities(world: World, run: CaseRun) -> None:
    """One agreement, six municipalities: each client to their own, by webhook or by email (D10)."""
    parts = [CaseRun(run.name, run.channel) for _ in MUNICIPALITIES]
    await asyncio.gather(
        *(
            _own_municipality(world, part, *pair)
            for part, pair in zip(parts, MUNICIPALITIES.items(), strict=True)
        )
    )
    run.referral, run.task, run.status, run.ehr_status = (
        parts[1].referral, parts[1].task, parts[1].status, parts[1].ehr_status,
    )  # fmt: skip
    run.step("six clients, six municipalities")
    agreements = {
        (chosen(await route(world, run, pathway="exercise", municipality=code)) or {}).get("agreement")
        for code in MUNICIPALITIES.values()
    }
    run.check(agreements == {"exercise"}, f"it is one agreement, not {agreements}")
    run.step("one agreement")
    await check_topics(world, run, "Kuusikunta")


async def _own_municipality(world: World, run: CaseRun, provider: str, municipality: str) -> None:
    phone = f"+358 40 000 6{municipality}"
    referral = await refer(
        world, run, municipality=municipality, client_name=f"Kuusikunta, {provider}", phone=phone
    )
    await check_rule(world, run, referral, "own-municipality", [])
    if provider in world.pins:
        await serve_by_page(world, run, provider, referral, ("Kuusikunta", phone))
    else:
        await until_served(world, run, provider, referral, f"{provider}-liikuntaneuvonta")


async def sleep_is_personal(world: World, run: CaseRun) -> None:
    """Sleeplessness: an individual coach, wherever in the county the client lives."""
    choices: Choices = LIFESTYLE | {
        "reasons": ("sleeplessness",),
        "municipality": None,
        "client_name": "Uneton, Ulla",
    }
    referral = await refer(world, run, **choices)
    await check_rule(world, run, referral, "personal-topics", ["reasons"])
    await until_served(world, run, COACHES, referral, "elintapaohjaus-yksilo")
    await check_topics(world, run, "Uneton")


async def weight_online(world: World, run: CaseRun) -> None:
    """Nutrition and exercise together: the online group first (verkkopuntari)."""
    choices: Choices = LIFESTYLE | {
        "reasons": ("nutrition", "exercise"),
        "client_name": "Verkkopuntari, Veikko",
    }
    referral = await refer(world, run, **choices)
    await check_rule(world, run, referral, "weight-online", ["reasons"])
    await until_served(world, run, COACHES, referral, "verkkopuntari")
    await check_topics(world, run, "Verkkopuntari, Veikko", "Veikko")


async def from_18_to_65(world: World, run: CaseRun) -> None:
    """The first day and the last month of the ages that lifestyle guidance is for (D15)."""
    for born in (aged(18), aged(66, in_days=30)):
        referral = await refer(world, run, facts={"born": born}, reasons=("nutrition",), **LIFESTYLE)
        await check_rule(world, run, referral, "any-topic", ["age", "reasons"])
        await until_served(world, run, COACHES, referral, "elintapaohjaus-yksilo")
    await check_topics(world, run, "Testinen")


async def too_old_too_young(world: World, run: CaseRun) -> None:
    """At 70 an exercise referral is offered instead, and made; at 17 the referral comes back with advice."""
    young = await refused(
        world, run, "returned-with-advice", facts={"born": aged(17)}, reasons=("nutrition",), **LIFESTYLE
    )
    run.check("kouluterveydenhuoltoon" in text_of(young), "the advice is the county's own")
    old = {"born": aged(70)}
    answer = await refused(world, run, "other-pathway-instead", facts=old, reasons=("exercise",), **LIFESTYLE)
    words = words_of(world, "lifestyle", "not-of-working-age-old")
    run.check(words in text_of(answer), "the answer says why, in the county's words")
    run.check("Liikuntalähete" in text_of(answer), "and names the referral to make instead")
    referral = await refer(world, run, facts=old, client_name="Seitsenkymppinen, Seija")
    await check_rule(world, run, referral, "own-municipality", [])
    await until_served(world, run, "kotka", referral, "kotka-liikuntaneuvonta")
    run.reason = None
    await check_topics(world, run, "Seitsenkymppinen")


async def own_choice(world: World, run: CaseRun) -> None:
    """The professional overrides the rule with a reason: a group, where the rule says individual."""
    referral = await refer(
        world,
        run,
        facts={"override": ("lifestyle-group", "Asiakas toivoo vertaistukea.")},
        reasons=("quitting-tobacco",),
        client_name="Vertainen, Venla",
        **LIFESTYLE,
    )
    await check_rule(world, run, referral, "personal-topics", ["reasons"], overridden=True)
    await until_served(world, run, COACHES, referral, "elintapaohjaus-ryhma")
    await check_topics(world, run, "Vertainen", "vertaistukea")


CASES = (
    Case("one agreement, six municipalities", "both", six_municipalities),
    Case("sleep: individual guidance", "webhook", sleep_is_personal),
    Case("food and exercise: online group", "webhook", weight_online),
    Case("ages 18 and 65", "webhook", from_18_to_65),
    Case("17: advice, 70: exercise instead", "webhook", too_old_too_young),
    Case("overridden, with a reason", "webhook", own_choice),
)
