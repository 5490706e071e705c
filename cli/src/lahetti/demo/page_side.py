"""A provider that has only email: a mail, a link, a PIN, and a page that it works on to the end."""

from email.message import EmailMessage

from lahetti.demo.case_run import CaseRun
from lahetti.demo.ehr_side import until_task_a
from lahetti.demo.world import Referral, World
from lahetti.simulators.mailbox import text_of
from lahetti.simulators.page_visitor import PageVisitor, link_in


async def serve_by_page(
    world: World, run: CaseRun, provider: str, referral: Referral, shown: tuple[str, ...]
) -> None:
    """Find the client's page behind one of the provider's mails, where `shown` stands behind the PIN only;
    accept, start and complete; Task A comes home completed."""
    looked_at = 0

    async def found() -> PageVisitor | None:
        nonlocal looked_at
        for mail in world.mailbox.to(f"@{provider}.")[looked_at:]:
            looked_at += 1
            visitor = PageVisitor()
            if await _shows(world, run, provider, mail, visitor, shown):
                return visitor
            await visitor.close()
        return None

    visitor = await run.until_answered("mail", found)
    try:
        for form in ("acceptance", "start", "completion"):
            offered = next((one for one in visitor.page.forms if f"/{form}?" in one.action), None)
            activity = {"activity": "visit"} if form == "completion" else {}
            await visitor.submit(offered, **activity)
            run.check(visitor.status == 200, f"the page takes its {form}, not {visitor.status}")
    finally:
        await visitor.close()
    run.step("page: completed")
    await until_task_a(run, world.ehrs["write"], referral, "completed")
    run.status = "completed"


async def _shows(
    world: World,
    run: CaseRun,
    provider: str,
    mail: EmailMessage,
    visitor: PageVisitor,
    shown: tuple[str, ...],
) -> bool:
    """Whether the page behind this mail is the client's; neither mail nor link alone says of whom it is."""
    text = text_of(mail)
    page = await visitor.open(link_in(text))
    for secret in shown:
        run.check(secret not in text + str(mail["Subject"]), "the mail says nothing of the person")
        run.check(secret not in page.text, "the link alone shows nobody")
    form = page.form_with("pin")
    if form is None:
        return False
    await visitor.submit(form, pin=world.pins[provider])
    return all(needed in visitor.page.text for needed in shown)
