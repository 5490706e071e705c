"""Keski-Suomi: counselling in ten municipalities of 22, elsewhere the wellbeing referral; numbers."""

import asyncio

import yaml

from lahetti.demo.case_run import Case, CaseRun
from lahetti.demo.cases_line import a_place_in_the_line
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
from lahetti.demo.world import World, told
from lahetti.simulators.facts import until_answered
from lahetti.simulators.fhir_client import Answer
from lahetti.simulators.provider_task import STATUS_REASON, concept

LAUKAA, KIVIJARVI, JYVASKYLA, KEURUU = "410", "265", "179", "249"
NURSE = {"profession": "public-health-nurse"}
WITH_COUNSELLING, MUNICIPALITIES = 10, 22
PARISH, PARISHS_NUMBER = "esimerkkiseurakunta", 5
WELLBEING: Choices = {"pathway": "wellbeing"}


async def ten_of_22(world: World, run: CaseRun) -> None:
    """A dry run for each municipality: ten have counselling, for twelve it says what else to make (D14)."""
    codes = [one["code"] for one in yaml.safe_load(world.county["county.yaml"])["municipalities"]]
    found = [
        await route(world, run, pathway="exercise", municipality=code, reason="physical-inactivity", **NURSE)
        for code in codes
    ]
    able = [one for one in found if chosen(one) is not None]
    instead = [
        one
        for one in found
        if one.get("refusal", {}).get("reason", {}).get("code") == "other-pathway-instead"
    ]
    run.check(
        (len(codes), len(able), len(instead)) == (MUNICIPALITIES, WITH_COUNSELLING, 12), "ten of 22 have it"
    )
    run.step("10 of 22 have counselling")
    name: Choices = {"client_name": "Laukaalainen, Lauri"}
    referral = await refer(world, run, facts=NURSE, municipality=LAUKAA, **name)
    await check_rule(world, run, referral, "counselling-here", ["municipality"])
    await until_served(world, run, "laukaa", referral, "laukaa-liikuntaneuvonta")
    await check_topics(world, run, "Laukaalainen")


async def wellbeing_instead(world: World, run: CaseRun) -> None:
    """Where there is no counselling: a wellbeing referral that encourages to move, to an association that has
    email and nothing else (D14, D19)."""
    client: Choices = {
        "municipality": KIVIJARVI,
        "client_name": "Kivijärveläinen, Kiia",
        "phone": "+358 40 000 0265",
    }
    answer = await refused(world, run, "other-pathway-instead", facts=NURSE, **client)
    words = words_of(world, "exercise", "no-counselling-here")
    run.check(words in text_of(answer), "the answer says why, in the county's words")
    run.check("Hyvinvointilähete" in text_of(answer), "and names the referral to make instead")
    village: Choices = {**WELLBEING, "recipients": ["esimerkkikylat"]}
    referral = await refer(world, run, facts=NURSE, **client, **village)
    await check_rule(world, run, referral, "encourage-to-move", ["reasons"])
    await serve_by_page(world, run, "esimerkkikylat", referral, ("Kivijärveläinen", client["phone"]))
    run.reason = None
    await check_topics(world, run, "Kivijärveläinen")


async def name_phone_permission(world: World, run: CaseRun) -> None:
    """No patient record, birth date, municipality or HETU: a name, a phone and a permission (D34)."""
    choices: Choices = WELLBEING | {
        "reasons": ("weakened-resources",),
        "municipality": None,
        "client_name": "Nimi, Vain",
    }
    referral = await refer(world, run, facts={"born": None}, recipients=["esimerkkiyhdistys"], **choices)
    await check_rule(world, run, referral, "weakened-resources", ["reasons"])
    task = await until_served(world, run, "esimerkkiyhdistys", referral, "esimerkkiyhdistys-kohtaamispaikka")
    known = {"name", "telecom"} <= task.patient.keys()
    run.check(
        known and not {"birthDate", "identifier", "address"} & task.patient.keys(), "that is all it reads"
    )
    await check_topics(world, run, "Nimi, Vain", '"Nimi"')


async def encouraged_first(world: World, run: CaseRun) -> None:
    """Own resources are enough: a recommendation, no referral (D17)."""
    choices: Choices = WELLBEING | {"reasons": ("unemployment",), "municipality": JYVASKYLA}
    answer = await refused(world, run, "recommendation-instead", **choices)
    run.check(words_of(world, "wellbeing", "encourage-first") in text_of(answer), "it says why")


async def health_checks(world: World, run: CaseRun) -> None:
    """The pilots' target groups: at 68 from the senior health check, and that of the unemployed (D16)."""
    senior: Choices = {"target_groups": ("senior-health-check",), "born": aged(68)}
    choices: Choices = WELLBEING | {"reasons": ("mental-wellbeing",), "municipality": JYVASKYLA}
    choices["client_name"] = "Tarkastettu, Taimi"
    younger: Choices = senior | {"born": aged(67)}
    await refused(
        world, run, "recommendation-instead", facts=younger, recipient_kinds=("project",), **choices
    )
    referral = await refer(world, run, facts=senior, recipient_kinds=("project",), **choices)
    await check_rule(world, run, referral, "health-check-senior", ["age", "target-group", "reasons"])
    await until_served(world, run, "esimerkkihanke", referral, "esimerkkihanke-seniorit")
    jobless = {"target_groups": ("unemployed-health-check",)}
    referral = await refer(world, run, facts=jobless, recipient_kinds=("municipality",), **choices)
    await check_rule(world, run, referral, "health-check-unemployed", ["target-group", "reasons"])
    await until_served(world, run, "jyvaskyla", referral, "jyvaskyla-kulttuuriluotsi")
    run.reason = None
    await check_topics(world, run, "Tarkastettu")


async def parishs_number(world: World, run: CaseRun) -> None:
    """The parish's agreement gives a number: one too many comes back, one given back is free (D13)."""
    ehr = world.ehrs["write"]
    choices: Choices = WELLBEING | {
        "reasons": ("weakened-resources",),
        "municipality": KEURUU,
        "recipients": [PARISH],
    }
    choices |= {"client_name": "Seurakuntalainen, Saara", "phone": "+358 40 000 0249"}
    parts = [CaseRun(run.name, run.channel) for _ in range(PARISHS_NUMBER)]
    taken = await asyncio.gather(*(refer(world, one, facts={}, **choices) for one in parts))
    run.step(f"{PARISHS_NUMBER} of {PARISHS_NUMBER} referred")
    await refused(world, run, "quota-used-up", **choices)
    answer = await ehr.api.revoke(taken[0].id, concept(STATUS_REASON, "no-longer-needed"))
    run.check(answer.status == 200, f"revoking is answered 200, not {told(answer)}")
    last: Choices = choices | {"client_name": "Viimeinen, Viljo", "phone": "+358 40 000 0250"}
    referral = ehr.new_referral(facts={}, **last)

    async def taken_up() -> Answer | None:
        posted = await ehr.api.post_bundle(referral.bundle)
        return posted if posted.status == 200 else None

    await until_answered("the number has room again", taken_up)
    await ehr.refer(run, referral)
    await check_rule(world, run, referral, "weakened-resources", ["reasons"])
    await serve_by_page(world, run, PARISH, referral, (last["client_name"].split(",")[0], last["phone"]))
    run.reason = None
    await check_topics(world, run, "Seurakuntalainen", "Viimeinen")


async def from_health_care_only(world: World, run: CaseRun) -> None:
    """Exercise referrals come from health care by record system only (D33)."""
    facts: Choices = {"profession": "social-worker"}
    await refused(world, run, "referrer-not-allowed", facts=facts, municipality=LAUKAA)


CASES = (
    Case("counselling in 10 of 22", "webhook", ten_of_22),
    Case("none here: wellbeing instead", "email", wellbeing_instead),
    Case("name, phone, permission", "webhook", name_phone_permission),
    Case("encouraged first", "none", encouraged_first),
    Case("health checks: 68, unemployed", "webhook", health_checks),
    Case("the parish's number", "email", parishs_number),
    Case("a place in the line", "webhook", a_place_in_the_line),
    Case("from health care only", "none", from_health_care_only),
)
