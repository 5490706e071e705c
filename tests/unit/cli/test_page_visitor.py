"""The visitor sees a page as a browser without JavaScript does."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from lahetti.simulators.loopback import LoopbackServer
from lahetti.simulators.page_forms import read_page
from lahetti.simulators.page_visitor import PageRefusedError, PageVisitor, link_in

PAGE = """
<html><head><title>silent</title><style>p {color: red}</style></head><body>
<p>Soita &amp; kerro</p><script>silent()</script>
<form method="post" action="/p/1/pin"><input type="hidden" name="csrf" value="abc">
  <label>PIN <input name="pin" inputmode="numeric"></label><button>Avaa</button></form>
<form method="post"><input type="radio" name="outcome" value="completed">
  <input type="radio" name="outcome" value="client-not-reached" checked>
  <select name="attempts"><option value="1">1</option><option value="2" selected>2</option></select>
  <textarea name="note"></textarea><button name="act" value="report">Ilmoita</button></form>
</body></html>
"""


def test_the_visible_text_leaves_out_titles_styles_and_scripts() -> None:
    assert read_page(PAGE).text == "Soita & kerro PIN Avaa 1 2 Ilmoita"


def test_a_form_is_found_by_its_controls_and_by_what_it_offers() -> None:
    page = read_page(PAGE)
    pin, report = page.forms
    assert page.form_with("pin") is pin
    assert page.form_offering("outcome", "client-not-reached") is report
    assert page.form_offering("act", "report") is report
    assert page.form_with("signature") is None


def test_a_form_sends_what_is_filled_in_and_chosen() -> None:
    pin, report = read_page(PAGE).forms
    assert (pin.action, pin.method, pin.fields) == ("/p/1/pin", "post", {"csrf": "abc", "pin": ""})
    assert report.fields == {"outcome": "client-not-reached", "attempts": "2", "note": ""}


def test_the_link_of_a_mail_is_found_without_its_full_stop() -> None:
    assert link_in("Avaa: http://127.0.0.1:8080/p/abc.\nKiitos") == "http://127.0.0.1:8080/p/abc"
    with pytest.raises(PageRefusedError):
        link_in("no link")


@pytest.fixture
async def site() -> AsyncIterator[LoopbackServer]:
    async def show(request: web.Request) -> web.Response:
        inside = request.cookies.get("session") == "s1"
        return web.Response(text="<p>inside</p>" if inside else PAGE, content_type="text/html")

    async def enter(request: web.Request) -> web.Response:
        form = await request.post()
        response = web.Response(status=303, headers={"Location": "/p/1"})
        if (form["csrf"], form["pin"]) == ("abc", "1234"):
            response.set_cookie("session", "s1", httponly=True)
        return response

    server = LoopbackServer(lambda: [web.get("/p/1", show), web.post("/p/1/pin", enter)])
    await server.come_up()
    yield server
    await server.close()


async def test_a_form_post_keeps_the_session_and_follows_the_redirect(site: LoopbackServer) -> None:
    async with PageVisitor() as visitor:
        page = await visitor.open(f"{site.origin}/p/1")
        await visitor.submit(page.form_with("pin"), pin="1234")
        assert (visitor.status, visitor.page.text) == (200, "inside")


async def test_a_form_that_is_not_there_is_a_clear_refusal(site: LoopbackServer) -> None:
    async with PageVisitor() as visitor:
        page = await visitor.open(f"{site.origin}/p/1")
        with pytest.raises(PageRefusedError, match="no form for signature"):
            await visitor.submit(page.form_with("signature"), signature="x")
