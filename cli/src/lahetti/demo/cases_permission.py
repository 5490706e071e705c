"""The cases about permission: nothing leaves without it, and nothing more once it is withdrawn."""

from lahetti.demo import provider_side as providers
from lahetti.demo.case_run import CaseRun
from lahetti.demo.ehr_side import until_task_a
from lahetti.demo.world import World, told
from lahetti.simulators.facts import until_answered

CLIENT = "Lupanen, Testi Vailla"
PHONE = "+358 40 000 0707"


async def no_permission(world: World, run: CaseRun) -> None:
    """Refused, saying what is missing; the topics hold only that this client was refused, and the code."""
    ehr = world.ehrs["no-permission"]
    referral = ehr.new_referral(consent="none", client_name=CLIENT, phone=PHONE)
    answer = await ehr.api.post_bundle(referral.bundle)
    run.check(answer.status == 422, f"a referral without permission is answered 422, not {told(answer)}")
    run.status, run.reason = "refused", answer.slugs[0]
    run.check(
        run.reason.startswith("consent"), f"the answer says that permission is missing, not {run.reason}"
    )
    run.step("refused")

    async def refusal_published() -> bool:
        records = await world.read_topics()
        return any(r.type == "referral.refused" and ehr.client_id.encode() in r.value for r in records)

    await until_answered("the refusal is on its topic", refusal_published)
    records = await world.read_topics()
    about = [record for record in records if ehr.client_id.encode() in record.value]
    run.check([r.type for r in about] == ["referral.refused"], "nothing else of it is on any topic")
    everything = b"\n".join(
        part for r in records for part in (r.key.encode(), str(r.headers).encode(), r.value)
    )
    run.check(b"Lupanen" not in everything, "no name is on any topic")
    run.check(b"0000707" not in everything.replace(b" ", b""), "no phone number is on any topic")
    run.step("topics hold no name")


async def permission_withdrawn(world: World, run: CaseRun) -> None:
    """Cancelled at once, and the provider's next read is refused."""
    ehr = world.ehrs["write"]
    referral = ehr.new_referral()
    referral_id = await ehr.refer(run, referral)
    kotka = world.script("kotka", referral, providers.accept)
    task = await providers.until_status(run, kotka, referral, "accepted")
    answer = await ehr.api.withdraw(referral_id)
    run.check(answer.status == 200, f"withdrawing is answered 200, not {told(answer)}")
    run.step("withdrawn")
    for path in (f"Patient/{referral_id}", f"ServiceRequest/{task.service_request['id']}"):
        read = await kotka.read(path)
        run.check(read.status in {403, 404}, f"the provider's next read of {path.split('/')[0]} is refused")
    run.step("read refused")
    task_a = await until_task_a(run, ehr, referral, "cancelled")
    run.check(providers.reason_code(task_a) == "permission-withdrawn", "Task A says why")
    run.status, run.reason = "cancelled", "permission-withdrawn"
    await run.until("provider told", lambda: len(kotka.taken(task.id)) == 2)
    providers.check_notifications(run, kotka, task.id, 2)
