"""The cases that end as a provider or a referrer decides."""

from typing import Any

from lahetti.demo import provider_side as providers
from lahetti.demo.case_run import CaseRun
from lahetti.demo.ehr_side import until_task_a
from lahetti.demo.world import World, referral_id, told
from lahetti.simulators.facts import until_answered
from lahetti.simulators.fhir_client import Answer
from lahetti.simulators.provider_task import STATUS_REASON, concept


async def completed(world: World, run: CaseRun) -> None:
    """The good way, and the outcome comes home with an output."""
    ehr = world.ehrs["write"]
    referral = ehr.new_referral()
    await ehr.refer(run, referral)
    kotka = world.script("kotka", referral, providers.accept_start_complete)
    task = await providers.until_status(run, kotka, referral, "completed")
    run.check(task.patient.get("name"), "the provider reads the client's name")
    run.check(task.service_request.get("reasonCode"), "the provider reads why")
    task_a = await until_task_a(run, ehr, referral, "completed")
    run.check(task_a.get("output"), "Task A comes home with an output")
    providers.check_notifications(run, kotka, task.id, 1)


async def child_of_nine(world: World, run: CaseRun) -> None:
    """The guardian gave the permission and is the one to call."""
    ehr = world.ehrs["write"]
    referral = ehr.new_referral(child=True, client_name="Testinen, Lilja", phone="+358 40 000 0909")
    await ehr.refer(run, referral)
    kotka = world.script("kotka", referral, providers.accept_start_complete)
    task = await providers.until_status(run, kotka, referral, "completed")
    contacts = task.patient.get("contact", [])
    run.check(contacts and contacts[0].get("telecom"), "the provider reads the guardian's phone")
    run.check(contacts[0].get("relationship"), "the provider reads who the guardian is to the child")
    run.check(not task.patient.get("telecom"), "the child has no phone of its own")
    await until_task_a(run, ehr, referral, "completed")


async def declined_after_acceptance(world: World, run: CaseRun) -> None:
    """The client declines once the provider has called."""
    ehr = world.ehrs["write"]
    referral = ehr.new_referral()
    await ehr.refer(run, referral)
    kotka = world.script("kotka", referral, providers.fail_after_acceptance("client-declined"))
    await providers.until_status(run, kotka, referral, "failed")
    task_a = await until_task_a(run, ehr, referral, "failed")
    run.check(providers.reason_code(task_a) == "client-declined", "Task A says why")


async def wrong_referral(world: World, run: CaseRun) -> None:
    """The place comes back, and a person is asked where the client should go instead."""
    ehr = world.ehrs["write"]
    only: dict[str, Any] = {"recipients": ["kotka-liikuntaseura"]}
    referral, second = ehr.new_referral(**only), ehr.new_referral(**only)
    await ehr.refer(run, referral)
    full = await ehr.api.post_bundle(second.bundle)
    run.check("quota-used-up" in full.slugs, f"the agreement has one place, yet {told(full)}")
    provider = world.script("kotka-liikuntaseura", referral, providers.reject("wrong-referral"))
    await providers.until_status(run, provider, referral, "rejected")
    await until_task_a(run, ehr, referral, "rejected")

    async def case_open() -> bool:
        answer = await world.operator.read("gateway/cases")
        return any(case.get("referral") == run.referral for case in answer.body.get("cases", []))

    await until_answered("a case is open", case_open)
    run.step("case open")

    async def place_is_back() -> Answer | None:
        answer = await ehr.api.post_bundle(second.bundle)
        return answer if answer.status == 200 else None

    second.id = referral_id(await until_answered("the agreement's only place is free again", place_is_back))
    run.step("place is back")
    world.script("kotka-liikuntaseura", second, providers.accept_start_complete)
    await providers.until_status(CaseRun(run.name, run.channel), provider, second, "completed")


async def cancelled_by_referrer(world: World, run: CaseRun) -> None:
    """The referrer revokes its ServiceRequest with a reason, naming the version that it read."""
    ehr = world.ehrs["write"]
    referral = ehr.new_referral()
    await ehr.refer(run, referral)
    kotka = world.script("kotka", referral, providers.accept)
    task = await providers.until_status(run, kotka, referral, "accepted")
    stale = await ehr.api.read(f"ServiceRequest/{referral.id}")
    body = stale.body | {"status": "revoked"}
    refused = await ehr.api.request("PUT", f"ServiceRequest/{referral.id}", body=body, if_match='W/"99"')
    run.check(refused.status == 412, f"a stale If-Match is answered 412, not {told(refused)}")
    answer = await ehr.api.revoke(referral.id, concept(STATUS_REASON, "no-longer-needed"))
    run.check(answer.status == 200, f"revoking is answered 200, not {told(answer)}")
    run.step("revoked")
    await until_task_a(run, ehr, referral, "cancelled")
    await run.until("provider told", lambda: len(kotka.taken(task.id)) == 2)
    providers.check_notifications(run, kotka, task.id, 2)
    await run.until("cancelled", lambda: task.status == "cancelled")
    run.status, run.reason = task.status, providers.reason_code(task.resource)
    run.check(run.reason == "no-longer-needed", "the provider reads why")


async def no_capacity(world: World, run: CaseRun) -> None:
    """The first provider has no place; the gateway goes on to the next, and Task A never moves backwards."""
    ehr = world.ehrs["write"]
    referral = ehr.new_referral(municipality="286")
    await ehr.refer(run, referral)
    first = world.script("kouvola", referral, providers.reject("no-capacity"))
    second = world.script("kouvola-liikuntaseura", referral, providers.accept_start_complete)
    rejected = await providers.until_status(run, first, referral, "rejected")
    taken_up = await providers.until_status(run, second, referral, "completed")
    run.check(rejected.id != taken_up.id, "the second provider has a Task of its own")
    run.check(
        rejected.service_request["id"] != taken_up.service_request["id"],
        "the second provider has a ServiceRequest of its own",
    )
    await until_task_a(run, ehr, referral, "completed")
