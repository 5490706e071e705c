"""The case about waiting in line: who is told what, who leaves it, and who gets the place that comes free."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from lahetti.demo import provider_side as providers
from lahetti.demo.case_run import CaseRun
from lahetti.demo.county_side import Choices, check_rule, check_topics, refer, route, until_served
from lahetti.demo.ehr_side import until_task_a
from lahetti.demo.world import Referral, World, told
from lahetti.simulators.provider_task import PROGRESS, STATUS_REASON, concept

ASSOCIATION, GROUP, PLACES = "esimerkkiyhdistys", "esimerkkiyhdistys-liike", 2
KANNONKOSKI = "216"
CHOICES: Choices = {
    "pathway": "wellbeing",
    "municipality": KANNONKOSKI,
    "recipients": [ASSOCIATION],
    "client_name": "Jonottaja, Jalmari",
    "phone": "+358 40 000 0216",
}
PERMITTED_FOR = timedelta(seconds=10)
"""How long the permission lasts that ends in the line: long enough to be accepted on a slow machine."""


async def a_place_in_the_line(world: World, run: CaseRun) -> None:
    """The association's group is full and it wants a waitlist: who comes now waits. A permission that is
    withdrawn or over and a revocation end the wait; a place that comes free goes to the urgent first, then
    to who has waited longest (D2, D13)."""
    group = await _fill(world, run)
    ends_soon, until = await _with_short_permission(world, run)
    routine, withdrawn, revoked = [await _wait(world, run) for _ in range(3)]
    urgent = await _wait(world, run, priority="urgent")
    await _check_told(world, run, ends_soon, 5)
    await _leave(world, run, withdrawn, revoked)
    await run.until("a permission in the line is over", lambda: datetime.now(UTC) > until)
    await _check_a_person_is_asked(world, run, ends_soon)
    await _check_line(world, run, 2)

    await _decline(world, run, group[0])
    await until_served(world, run, ASSOCIATION, urgent, GROUP)
    run.check(
        world.providers[ASSOCIATION].task_for(routine.id) is None,
        "one place is given to one, the urgent first",
    )
    await _decline(world, run, group[1])
    await until_served(world, run, ASSOCIATION, routine, GROUP)
    await check_rule(world, run, routine, "encourage-to-move", ["reasons"])

    await _check_line(world, run, 0)
    association = world.providers[ASSOCIATION]
    run.check(
        not any(association.task_for(one.id) for one in (withdrawn, revoked, ends_soon)),
        "the association never hears of those who left the line",
    )
    run.check(not association.failures, "the association can answer each")
    run.status, run.reason = "completed", None
    await check_topics(world, run, "Jonottaja", "000 0216")


async def _fill(world: World, run: CaseRun) -> Sequence[Referral]:
    """The group's places are taken; each of them accepted."""
    parts = [CaseRun(run.name, run.channel) for _ in range(PLACES)]
    taken = await asyncio.gather(*(refer(world, one, **CHOICES) for one in parts))
    association = world.providers[ASSOCIATION]
    for part, referral in zip(parts, taken, strict=True):
        await part.until("the provider has read it", lambda one=referral: association.task_for(one.id))
    run.step(f"{PLACES} of {PLACES} places taken")
    found = await route(
        world, run, pathway="wellbeing", municipality=KANNONKOSKI, reason="physical-inactivity", service=GROUP
    )
    one = next(one for one in found["candidate"] if one["service"]["reference"].endswith(GROUP))
    run.check(
        (one["left"], one["reason"]["code"], one["waiting"]) == (0, "candidate-with-line", 0),
        f"the dry run tells that it is full and who comes waits, not {one}",
    )
    return taken


async def _wait(world: World, run: CaseRun, **more: Any) -> Referral:
    """A referral that is accepted and waits: the answer tells with whom, Task A that it does."""
    referral = await refer(world, run, **CHOICES | more)
    await _check_waits(world, run, referral)
    return referral


async def _with_short_permission(world: World, run: CaseRun) -> tuple[Referral, datetime]:
    """The first in the line, and when its permission ends."""
    ehr = world.ehrs["write"]
    referral = ehr.new_referral(facts={}, **CHOICES)
    resources = [entry["resource"] for entry in referral.bundle["entry"]]
    consent = next(one for one in resources if one["resourceType"] == "Consent")
    until = datetime.now(UTC).replace(microsecond=0) + PERMITTED_FOR
    consent["provision"]["period"]["end"] = until.isoformat()
    await ehr.refer(run, referral)
    await _check_waits(world, run, referral)
    return referral, until


async def _check_waits(world: World, run: CaseRun, referral: Referral) -> None:
    outcomes = [entry["response"].get("outcome", {}) for entry in referral.answer["entry"]]
    waits = [
        issue["details"]["text"]
        for outcome in outcomes
        for issue in outcome.get("issue", [])
        if issue["details"]["coding"][0]["code"] == "waits-for-place"
    ]
    run.check(waits and ASSOCIATION in waits[0], f"the answer tells with whom it waits and why, not {waits}")
    server, url = world.ehrs["write"].server, referral.task_a
    assert server is not None  # noqa: S101 - this EHR keeps its Tasks
    assert url is not None  # noqa: S101 - as above

    def waitlisted() -> bool:
        task = server.task(url)
        codings = task.get("businessStatus", {}).get("coding", [])
        return task["status"] == "requested" and {"system": PROGRESS, "code": "waitlisted"} in [
            {"system": one["system"], "code": one["code"]} for one in codings
        ]

    await run.until("EHR: waitlisted", waitlisted)


async def _check_told(world: World, run: CaseRun, waits: Referral, length: int) -> None:
    """Nobody hears of those who wait but their referrer; the county's people see how many they are."""
    run.check(world.providers[ASSOCIATION].task_for(waits.id) is None, "the provider does not hear of it yet")
    await _check_line(world, run, length)


async def _check_line(world: World, run: CaseRun, length: int) -> None:
    answer = await world.operator.read("gateway/agreements")
    run.check(answer.status == 200, f"the agreements are listed, not {told(answer)}")
    rows = [one for one in answer.body["agreements"] if one["service"] == GROUP]
    run.check([one["waiting"] for one in rows] == [length], f"{length} in the line, not {rows}")
    run.step(f"{length} in the line")


async def _leave(world: World, run: CaseRun, withdrawn: Referral, revoked: Referral) -> None:
    """The client takes a permission back, the EHR revokes a referral: both leave the line at once."""
    ehr = world.ehrs["write"]
    answer = await ehr.api.withdraw(withdrawn.id)
    run.check(answer.status == 200, f"withdrawing is answered 200, not {told(answer)}")
    answer = await ehr.api.revoke(revoked.id, concept(STATUS_REASON, "no-longer-needed"))
    run.check(answer.status == 200, f"revoking is answered 200, not {told(answer)}")
    # No provider was asked: a Task A that ends so tells no reason of the referrer's own.
    for referral, why in ((withdrawn, "permission-withdrawn"), (revoked, "other")):
        task_a = await until_task_a(run, ehr, referral, "cancelled")
        said = providers.reason_code(task_a)
        run.check(said == why, f"Task A says {why}, not {said}")
    await _check_line(world, run, 3)


async def _decline(world: World, run: CaseRun, referral: Referral) -> None:
    """A client of the group declines: a reason that gives the place back."""
    association = world.script(ASSOCIATION, referral, providers.reject("client-declined"))
    part = CaseRun(run.name, run.channel)
    await providers.until_status(part, association, referral, "rejected")
    run.step("a place comes free")


async def _check_a_person_is_asked(world: World, run: CaseRun, referral: Referral) -> None:
    """Its permission ended before its turn came: it leaves the line, and a person is asked instead."""

    async def kinds() -> list[str]:
        answer = await world.operator.read("gateway/cases")
        return [one["kind"] for one in answer.body.get("cases", []) if one["referral"] == referral.id]

    asked = await run.until_answered("a person is asked about it", kinds)
    run.check(asked == ["permission-ended"], f"as its permission is over, not {asked}")
    part = await world.operator.read(f"gateway/trace/{referral.id}")
    run.check(
        "referral.routed" not in [step["what"] for step in part.body["steps"]], "nothing of it was sent"
    )
