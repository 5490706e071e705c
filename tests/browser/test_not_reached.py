"""The case of a provider that has only email, by a person in a real browser: without JavaScript, and without
a mouse on a narrow screen. Each from the mail's link to what the EHR's own Task A says in the end."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from lahetti.demo.case_run import CaseRun
from lahetti.demo.world import Referral, World
from lahetti.simulators.facts import until
from lahetti.simulators.mailbox import text_of
from lahetti.simulators.page_visitor import link_in
from outcome_collector.domain.task_documents import contact_attempts
from playwright.async_api import Page, expect
from support.chromium import Keyboard, executable, fits, visit
from support.performances import embedded_world

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

NARROW, WIDE = 360, 1200
FAMILY, PHONE = "Tavoittamaton", "+358 40 000 0404"
MUNICIPALITY, PROVIDER = "075", "hamina"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    """A whole installation with its county, an EHR that keeps its own Tasks, and a mail server."""
    executable()
    async with embedded_world(tmp_path_factory.mktemp("browser")) as (world, _):
        yield world


async def test_without_javascript(world: World) -> None:
    referral, link = await _referred(world)
    async with visit("without-javascript-1", width=WIDE, javascript=False) as page:
        await _check_that_no_script_runs(page)
        await _enter_by_clicks(page, link, world.pins[PROVIDER])
        await _check_whom_to_call(page)
        await page.get_by_text("Yritin ottaa yhteyttä", exact=True).click()
        await page.get_by_role("button", name="En saanut vastausta").click()
        await expect(page.get_by_text("Kirjattu. Kiitos!")).to_be_visible()
    async with visit("without-javascript-2", width=WIDE, javascript=False) as page:
        await _enter_by_clicks(page, link, world.pins[PROVIDER])
        await expect(page.get_by_text("ei vastausta")).to_be_visible()
        await page.get_by_text("Peruuntui", exact=True).click()
        await page.get_by_text("Asiakasta ei tavoitettu", exact=True).click()
        await page.get_by_role("button", name="Päätä lähete").click()
        await _check_the_end(page)
    await _check_task_a(world, referral)


async def test_with_tab_and_enter_only_on_a_narrow_screen(world: World) -> None:
    referral, link = await _referred(world)
    async with visit("by-keyboard-1", width=NARROW) as page:
        await _enter_by_keys(page, link, world.pins[PROVIDER])
        await _check_whom_to_call(page)
        assert await fits(page)
        await Keyboard(page).press("Yritin ottaa yhteyttä")
        await Keyboard(page).press("En saanut vastausta")
        await expect(page.get_by_text("Kirjattu. Kiitos!")).to_be_visible()
        await Keyboard(page).press("Sulje sivu")
        await expect(page.get_by_text("Sivu on suljettu.")).to_be_visible()
    async with visit("by-keyboard-2", width=NARROW) as page:
        await _enter_by_keys(page, link, world.pins[PROVIDER])
        await expect(page.get_by_text("ei vastausta")).to_be_visible()
        await Keyboard(page).press("Peruuntui")
        await Keyboard(page).press("Asiakasta ei tavoitettu")
        assert await fits(page)
        await Keyboard(page).press("Päätä lähete")
        await _check_the_end(page)
        assert await fits(page)
    await _check_task_a(world, referral)


async def _referred(world: World) -> tuple[Referral, str]:
    """A new referral to the provider that has only email, and the link of its mail."""
    before = len(world.mailbox.to(PROVIDER))
    ehr = world.ehrs["write"]
    referral = ehr.new_referral(municipality=MUNICIPALITY, client_name=f"{FAMILY}, Esimerkki", phone=PHONE)
    await ehr.refer(CaseRun("not-reached", "email"), referral)
    (mail,) = await until("a mail has come", lambda: world.mailbox.to(PROVIDER)[before:])
    return referral, link_in(text_of(mail))


async def _check_that_no_script_runs(page: Page) -> None:
    await page.goto("data:text/html,<title>off</title><script>document.title = 'on'</script>")
    assert await page.title() == "off"


async def _enter_by_clicks(page: Page, link: str, pin: str) -> None:
    await page.goto(link)
    await expect(page.get_by_text(FAMILY)).to_have_count(0)
    await page.get_by_label("PIN-koodi").fill(pin)
    await page.get_by_role("button", name="Avaa lähete").click()


async def _enter_by_keys(page: Page, link: str, pin: str) -> None:
    await page.goto(link)
    await expect(page.get_by_text(FAMILY)).to_have_count(0)
    assert await fits(page)
    await Keyboard(page).write("PIN-koodi", pin)
    await Keyboard(page).press("Avaa lähete")
    await expect(page.get_by_role("heading", name="Soittakaa")).to_be_visible()


async def _check_whom_to_call(page: Page) -> None:
    """The number can be called, and the address and the title name nobody."""
    await expect(page.get_by_text(f"Esimerkki {FAMILY}")).to_be_visible()
    await expect(page.get_by_role("link", name=PHONE)).to_have_attribute("href", "tel:+358400000404")
    await expect(page.get_by_text("Soita mieluiten arkisin kello 12 jälkeen.")).to_be_visible()
    await expect(page.get_by_text("Terveydenhoitaja Tarja Testaaja")).to_be_visible()
    assert FAMILY not in await page.title()
    assert FAMILY not in page.url


async def _check_the_end(page: Page) -> None:
    await expect(page.get_by_text("Kiitos työstänne!")).to_be_visible()
    await expect(page.get_by_text("Asiakasta ei tavoitettu")).to_be_visible()
    await expect(page.get_by_text(FAMILY)).to_have_count(0)


async def _check_task_a(world: World, referral: Referral) -> None:
    """The EHR's own Task says that the client was not reached, and how often somebody tried."""
    server, url = world.ehrs["write"].server, referral.task_a
    assert server is not None
    assert url is not None
    await until("Task A is rejected", lambda: server.task(url)["status"] == "rejected")
    reason = server.task(url)["statusReason"]
    assert [coding["code"] for coding in reason["coding"]] == ["client-not-reached"]
    assert contact_attempts(reason) == 1
