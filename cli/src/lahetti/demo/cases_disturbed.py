"""The cases in which somebody else's system is down, busy, or in the way."""

import asyncio
from typing import Any

from lahetti.demo import provider_side as providers
from lahetti.demo.case_run import CaseRun
from lahetti.demo.ehr_side import until_task_a
from lahetti.demo.world import EhrSide, World, told
from lahetti.simulators.facts import until_answered
from lahetti.simulators.provider_task import STATUS_REASON, ProviderTask, concept

AWAY_SECONDS = 2.0


async def provider_refuses_connections(world: World, run: CaseRun) -> None:
    """Nobody listens for two seconds; then the notification arrives, once."""
    ehr = world.ehrs["write"]
    referral = ehr.new_referral(municipality="624")
    await world.providers["pyhtaa"].server.go_down()
    await ehr.refer(run, referral)
    pyhtaa = world.script("pyhtaa", referral, providers.accept_start_complete)
    await asyncio.sleep(AWAY_SECONDS)
    run.check(not pyhtaa.ledger, "nothing arrives while nobody listens")
    await pyhtaa.server.come_up()
    run.step("provider is back")
    task = await providers.until_status(run, pyhtaa, referral, "completed")
    await until_task_a(run, ehr, referral, "completed")
    providers.check_notifications(run, pyhtaa, task.id, 1)


async def provider_answers_503(world: World, run: CaseRun) -> None:
    """Two events wait behind a busy receiver; both arrive when it is back, once, in their order."""
    ehr = world.ehrs["write"]
    referral = ehr.new_referral(municipality="935")
    virolahti = world.providers["virolahti"]
    virolahti.busy = True
    referral_id = await ehr.refer(run, referral)
    task = await run.until("503", lambda: virolahti.ledger and virolahti.ledger[0].task)
    run.task = task
    ready_at = asyncio.get_running_loop().time() + AWAY_SECONDS

    async def revoked() -> bool:
        answer = await ehr.api.revoke(referral_id, concept(STATUS_REASON, "no-longer-needed"))
        return answer.status == 200

    await until_answered("the referrer can revoke", revoked)
    run.step("revoked")
    await asyncio.sleep(max(0.0, ready_at - asyncio.get_running_loop().time()))
    virolahti.busy = False
    run.step("provider is ready")
    await run.until("both delivered", lambda: len(virolahti.taken(task)) == 2)
    await until_task_a(run, ehr, referral, "cancelled")
    run.status, run.reason = "cancelled", "no-longer-needed"
    refused = [line.webhook_id for line in virolahti.notifications(task) if line.answered == 503]
    run.check(len(set(refused)) == 1, "the later event waits for the earlier one")
    providers.check_notifications(run, virolahti, task, 2)


async def ehr_down(world: World, run: CaseRun) -> None:
    """The EHR is away when the outcome is ready; it arrives when the EHR is back."""
    ehr = world.ehrs["down"]
    referral = ehr.new_referral()
    assert ehr.server is not None  # noqa: S101 - this EHR keeps its Tasks
    server = ehr.server.server

    async def complete_while_away(task: ProviderTask) -> None:
        await task.accept()
        await server.go_down()
        await task.start()
        await task.complete()

    await ehr.refer(run, referral)
    kotka = world.script("kotka", referral, complete_while_away)
    await providers.until_status(run, kotka, referral, "completed")
    await asyncio.sleep(AWAY_SECONDS)
    await server.come_up()
    run.step("EHR is back")
    await until_task_a(run, ehr, referral, "completed")


async def ehr_answers_412(world: World, run: CaseRun) -> None:
    """The EHR changes Task A itself between our read and our write; both changes are there in the end."""
    ehr = world.ehrs["conflict"]
    referral = ehr.new_referral()
    assert ehr.server is not None  # noqa: S101 - this EHR keeps its Tasks
    assert referral.task_a is not None  # noqa: S101
    server, url = ehr.server, referral.task_a
    kept = "Oma merkintä"

    async def script(task: ProviderTask) -> None:
        await task.accept()
        server.change_before_next_write(url, lambda task_a: task_a.update(description=kept))
        await task.start()
        await task.complete()

    await ehr.refer(run, referral)
    kotka = world.script("kotka", referral, script)
    await providers.until_status(run, kotka, referral, "completed")
    task_a = await until_task_a(run, ehr, referral, "completed")
    answers = server.answers(url, "PUT") + server.answers(url, "PATCH")
    run.check(412 in answers, "the EHR answered 412 once")
    run.check(task_a.get("description") == kept, "what the EHR wrote itself is still there")
    run.step("412, applied again")


async def ehr_polls(world: World, run: CaseRun) -> None:
    """An EHR without a Task of its own finds Task A here."""
    ehr = world.ehrs["poll"]
    referral = ehr.new_referral()
    referral_id = await ehr.refer(run, referral)
    kotka = world.script("kotka", referral, providers.accept_start_complete)
    await providers.until_status(run, kotka, referral, "completed")
    task_a = await until_answered("the poll finds Task A completed", lambda: _poll(run, ehr, referral_id))
    run.ehr_status = task_a["status"]
    run.check(task_a.get("output"), "Task A has an output")
    run.check("owner" not in task_a or task_a["id"] != run.task, "the EHR finds Task A, not the provider's")
    run.step("EHR: completed")


async def _poll(run: CaseRun, ehr: EhrSide, referral_id: str) -> dict[str, Any] | None:
    answer = await ehr.api.read(f"Task?focus=ServiceRequest/{referral_id}")
    run.check(answer.status == 200, f"the poll is answered 200, not {told(answer)}")
    found = [entry["resource"] for entry in answer.body.get("entry", [])]
    return next((task for task in found if task["status"] == "completed"), None)
