"""The case of a provider that has only email, and a page behind the link of the mail."""

from lahetti.demo.case_run import CaseRun
from lahetti.demo.ehr_side import until_task_a
from lahetti.demo.provider_side import reason_code
from lahetti.demo.world import World
from lahetti.simulators.mailbox import text_of
from lahetti.simulators.page_visitor import PageVisitor, link_in

FAMILY, GIVEN, PHONE = "Tavoittamaton", "Esimerkki", "+358 40 000 0404"
REFERRER, REFERRERS_UNIT = "Tarja Testaaja", "Esimerkin sote-keskus"
REFERRERS_PHONE = "+358 5 000 0200"
REASON = "client-not-reached"


async def not_reached(world: World, run: CaseRun) -> None:
    """A mail that says only that a referral waits; a PIN; who to call; an attempt; later, the end."""
    ehr = world.ehrs["write"]
    referral = ehr.new_referral(municipality="075", client_name=f"{FAMILY}, {GIVEN}", phone=PHONE)
    await ehr.refer(run, referral)
    mail = (await run.until("mail", lambda: world.mailbox.to("hamina")))[0]
    text = text_of(mail)
    for secret in (FAMILY, PHONE, PHONE.replace(" ", ""), "Soita mieluiten"):
        run.check(
            secret not in text and secret not in str(mail["Subject"]), "the mail says nothing of the person"
        )
    link = link_in(text)
    async with PageVisitor() as visitor:
        await enter(world, run, visitor, link)
        shown = visitor.page.text
        for needed in (FAMILY, PHONE, "Soita mieluiten", REFERRER, REFERRERS_UNIT, REFERRERS_PHONE):
            run.check(needed in shown, "the page shows who to call, how and when, and who referred")
        run.step("page shows who to call")
        await visitor.submit(visitor.page.form_offering("reached", "no"), reached="no")
        run.check(visitor.status == 200, f"the page takes the contact attempt, not {visitor.status}")
        run.step("attempt noted")
    async with PageVisitor() as visitor:
        await enter(world, run, visitor, link)
        form = visitor.page.form_offering("reason", REASON)
        await visitor.submit(form, reason=REASON)
        run.check(visitor.status == 200, f"the page takes the outcome, not {visitor.status}")
        run.step("reported")
    task_a = await until_task_a(run, ehr, referral, "rejected")
    run.status, run.reason = "rejected", reason_code(task_a)
    run.check(run.reason == REASON, "Task A says why")
    run.task = await _task_of(world, run)


async def _task_of(world: World, run: CaseRun) -> str | None:
    """The provider's Task, as the trace names it: a page needs no id."""
    trace = await world.operator.read(f"collector/trace/{run.referral}")
    ids = [step["ids"] for step in trace.body.get("steps", [])]
    return next((found["task"] for found in ids if "provider" in found and "task" in found), None)


async def enter(world: World, run: CaseRun, visitor: PageVisitor, link: str) -> None:
    """Open the link, see no person before the PIN, and give the PIN."""
    page = await visitor.open(link)
    run.check(visitor.status == 200, f"the link opens, not {visitor.status}")
    run.check(FAMILY not in page.text, "the link alone shows nobody")
    await visitor.submit(page.form_with("pin"), pin=world.pins["hamina"])
    run.check(visitor.status == 200, f"the PIN opens the page, not {visitor.status}")
