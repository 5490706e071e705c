"""The page's door: links, PINs, sessions, and what a page never tells to whoever stands outside."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from outcome_collector.adapters import tables
from outcome_collector.domain.page_access import LOCKOUT, SESSION
from outcome_collector.use_cases.end_tasks import close
from service_runtime.database.engine import Database
from support.collector import COUNTY
from support.page import FAMILY, GIVEN, PHONE, PIN, Site, Visitor, site, site_on

__all__ = ["site"]

WRONG = "00000000"
FORM = "application/x-www-form-urlencoded"


def names_nobody(answer: httpx.Response) -> bool:
    return not any(word in answer.text for word in (FAMILY, GIVEN, PHONE, PHONE.replace(" ", "")))


async def knock(visitor: Visitor, link: str, pin: str) -> int:
    await visitor.enter(link, pin)
    return visitor.answer.status_code


async def test_a_link_says_that_a_referral_waits_and_asks_for_the_pin(site: Site) -> None:
    _, task, link = await site.referred()
    visitor = site.visitor()
    await visitor.open(link)
    assert visitor.answer.status_code == 200
    assert "Kotkan esimerkkiliikunta: joku odottaa yhteydenottoanne." in visitor.text
    assert visitor.page.form_with("pin") is not None
    assert names_nobody(visitor.answer)
    assert site.gateway.asked == []
    assert await site.reads(task) == []


async def test_looking_never_acts(site: Site) -> None:
    """INVARIANT: mail scanners and previews follow links, so GET and HEAD change nothing and open nothing."""
    _, task, link = await site.referred()
    async with site.service.client() as client:
        for path in ("", "/referral", "/session", "/close", "/attempts", "/end", "/stop", "/acceptance"):
            for method in ("GET", "HEAD"):
                answer = await client.request(method, link + path)
                assert answer.status_code in {200, 303, 401}, path
                assert names_nobody(answer)
                assert "set-cookie" not in answer.headers
    assert await site.collector.versions(task) == [1]
    assert await site.collector.rows(tables.PageSession) == []


async def test_the_right_pin_opens_a_session_that_only_this_browser_and_these_pages_get(site: Site) -> None:
    _, _, link = await site.referred()
    async with site.service.client() as client:
        answer = await client.post(f"{link}/session?lang=sv", data={"pin": f" {PIN[:4]} {PIN[4:]} "})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{link}/referral?lang=sv")
        cookie = answer.headers["set-cookie"]
        assert f"Path={link};" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Max-Age=1800" in cookie
        assert "Secure" not in cookie
        (session,) = await site.collector.rows(tables.PageSession)
        assert client.cookies["lahetti-session"] not in str(session)
        shown = await client.get(answer.headers["location"])
    assert shown.status_code == 200
    assert FAMILY in shown.text


async def test_behind_https_the_cookie_never_travels_without_it(sqlite_url: str, tmp_path: Path) -> None:
    database = Database.open(sqlite_url, schema=COUNTY)
    secure = await site_on(database, tmp_path, secure=True)
    _, _, link = await secure.referred()
    async with secure.service.client() as client:
        answer = await client.post(f"{link}/session", data={"pin": PIN})
    await database.close()
    assert "Secure" in answer.headers["set-cookie"]


async def test_a_wrong_pin_is_told_and_shows_nobody(site: Site) -> None:
    _, _, link = await site.referred()
    visitor = site.visitor("en")
    assert await knock(visitor, link, WRONG) == 403
    assert "The PIN was not right." in visitor.text
    assert visitor.title == "Error: A referral is waiting for you – Lähetti"
    assert visitor.page.form_with("pin") is not None
    assert names_nobody(visitor.answer)
    assert site.gateway.asked == []


async def test_five_wrong_pins_lock_for_a_quarter_of_an_hour(site: Site) -> None:
    """INVARIANT: a PIN has few digits, so nobody gets to try many; the right one waits as well."""
    _, _, link = await site.referred()
    visitor = site.visitor()
    assert [await knock(visitor, link, WRONG) for _ in range(5)] == [403, 403, 403, 403, 429]
    assert "15 minuutin kuluttua" in visitor.text
    assert await knock(visitor, link, PIN) == 429
    site.collector.clock.move(LOCKOUT.total_seconds() - 61)
    assert await knock(visitor, link, PIN) == 429
    assert "2 minuutin kuluttua" in visitor.text
    site.collector.clock.move(61)
    assert await knock(visitor, link, PIN) == 200
    assert FAMILY in visitor.text


async def test_four_wrong_pins_are_forgotten_with_the_right_one(site: Site) -> None:
    _, _, link = await site.referred()
    visitor = site.visitor()
    for _ in range(2):
        assert [await knock(visitor, link, WRONG) for _ in range(4)] == [403] * 4
        assert await knock(visitor, link, PIN) == 200


async def test_an_organisation_without_a_pin_is_told_whom_to_ask(site: Site) -> None:
    _, _, link = await site.referred(provider="hamina-liikunta")
    visitor = site.visitor()
    assert await knock(visitor, link, PIN) == 403
    assert "PIN-koodi puuttuu vielä" in visitor.text
    assert names_nobody(visitor.answer)


@pytest.mark.parametrize("token", ["x", "x" * 43, "links", "..%2f..", "%00", "ä" * 20])
async def test_a_link_that_is_none_is_not_found(site: Site, token: str) -> None:
    async with site.service.client() as client:
        for answer in (
            await client.get(f"/p/{token}"),
            await client.get(f"/p/{token}/referral"),
            await client.post(f"/p/{token}/session", data={"pin": PIN}),
            await client.post(f"/p/{token}/attempts", data={"reached": "no", "version": "1"}),
            await client.post(f"/p/{token}/close", data={}),
        ):
            assert answer.status_code == 404, answer.request.url
            assert "set-cookie" not in answer.headers


async def test_a_closed_link_says_so(site: Site) -> None:
    routed, _, link = await site.referred()
    visitor = site.visitor()
    await visitor.enter(link)
    clock = site.collector.clock
    async with site.collector.units.write() as unit:
        await close(unit, routed.referral, now=clock.now, page_days=14.0)
    clock.move(timedelta(days=14).total_seconds() - 1)
    await visitor.open(link)
    assert visitor.answer.status_code == 200
    clock.move(1)
    for path in ("", "/referral"):
        await visitor.open(link + path)
        assert visitor.answer.status_code == 410
        assert "Linkki ei ole enää käytössä" in visitor.text
    await visitor.post(f"{link}/attempts", {"reached": "no"})
    assert visitor.answer.status_code == 410


async def test_a_session_opens_no_other_referral(site: Site) -> None:
    """INVARIANT: a session is for one referral, whichever cookie a browser can be made to send."""
    visitor, _ = await site.entered()
    cookie = visitor.client.cookies["lahetti-session"]
    _, other, link = await site.referred()
    foreign = site.visitor()
    foreign.client.cookies.set("lahetti-session", cookie)
    await foreign.open(f"{link}/referral")
    assert foreign.answer.status_code == 401
    await foreign.post(f"{link}/attempts", {"reached": "no", "version": "1"})
    assert foreign.answer.status_code == 401
    assert names_nobody(foreign.answer)
    assert await site.collector.versions(other) == [1]


async def test_a_session_ends_after_half_an_hour(site: Site) -> None:
    visitor, task = await site.entered()
    form = visitor.forms("attempts")[0]
    before = await site.collector.versions(task)
    site.collector.clock.move(SESSION.total_seconds() - 1)
    await visitor.open(visitor.answer.url.path)
    assert visitor.answer.status_code == 200
    site.collector.clock.move(1)
    await visitor.open(visitor.answer.url.path)
    assert (visitor.answer.status_code, "Sivu ei ole enää auki" in visitor.text) == (401, True)
    await visitor.send(form, reached="no")
    assert (visitor.answer.status_code, "eikä kirjausta tallennettu" in visitor.text) == (401, True)
    assert names_nobody(visitor.answer)
    assert await site.collector.versions(task) == before
    await visitor.send(visitor.page.form_with("pin"), pin=PIN)
    assert FAMILY in visitor.text


async def test_closing_the_page_ends_the_session_for_every_copy_of_its_cookie(site: Site) -> None:
    visitor, _ = await site.entered()
    cookie, path = visitor.client.cookies["lahetti-session"], visitor.answer.url.path
    await visitor.press("close")
    assert "Sivu on suljettu." in visitor.text
    assert "lahetti-session" not in visitor.client.cookies
    copy = site.visitor()
    copy.client.cookies.set("lahetti-session", cookie)
    await copy.open(path)
    assert (copy.answer.status_code, names_nobody(copy.answer)) == (401, True)
    await copy.post(path.replace("/referral", "/close"), {})
    assert copy.answer.status_code == 200


@pytest.mark.parametrize("token", [None, "", "forged", "ä", "0" * 64])
async def test_a_form_that_another_site_made_is_not_taken(site: Site, token: str | None) -> None:
    """INVARIANT: only a form of our own page acts; else a foreign page could act through an open session."""
    visitor, task = await site.entered()
    form = visitor.forms("acceptance")[0]
    before = await site.collector.versions(task)
    fields = {name: value for name, value in form.fields.items() if name != "form"}
    await visitor.post(form.action, fields if token is None else fields | {"form": token})
    assert visitor.answer.status_code == 403
    assert "Yrittäkää uudelleen." in visitor.text
    assert await site.collector.versions(task) == before
    await visitor.post(form.action.replace("/acceptance", "/close"), {"form": token or ""})
    assert FAMILY in visitor.text


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"pin=" + b"1" * 11_000, FORM, 413),
        (b'{"pin": "20260302"}', "application/json", 415),
        (b"pin=20260302", "", 415),
        (b"pin=\xff", FORM, 422),
        (b"&".join(b"a%d=1" % n for n in range(30)), FORM, 422),
    ],
)
async def test_what_is_no_form_of_ours_is_refused_with_a_page(
    site: Site, content: bytes, media_type: str, status: int
) -> None:
    _, task, link = await site.referred()
    headers = {"Content-Type": media_type} if media_type else {}
    async with site.service.client() as client:
        answer = await client.post(f"{link}/session?lang=sv", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="sv">' in answer.text
    assert "Sidan kunde inte visas" in answer.text
    assert await site.collector.versions(task) == [1]
    assert await site.collector.rows(tables.PageSession) == []


async def test_every_page_is_locked_down_and_kept_nowhere(site: Site) -> None:
    """INVARIANT: no script runs, nothing frames the page, no address of it leaks, no copy stays behind."""
    _, _, link = await site.referred()
    async with site.service.client() as client:
        answers = [
            await client.get(link),
            await client.post(f"{link}/session", data={"pin": WRONG}),
            await client.post(f"{link}/session", data={"pin": PIN}),
            await client.get(f"{link}/referral"),
            await client.get(f"{link}/attempts"),
            await client.get("/p/unknown"),
            await client.get("/p/unknown/deep/path"),
            await client.put(link),
            await client.post(f"{link}/session", content=b"{}", headers={"Content-Type": "text/plain"}),
        ]
    assert [answer.status_code for answer in answers] == [200, 403, 303, 200, 303, 404, 404, 405, 415]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'self'")
        assert "unsafe" not in policy
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert answer.headers["cache-control"] == "no-store"
        assert "<script" not in answer.text
        assert " style=" not in answer.text


async def test_the_style_sheet_is_kept_under_the_name_of_its_content(site: Site) -> None:
    _, _, link = await site.referred()
    async with site.service.client() as client:
        path = (await client.get(link)).text.partition('stylesheet" href="')[2].partition('"')[0]
        style, other = await client.get(path), await client.get("/p/static/older.css")
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in style.headers["cache-control"]
    assert (other.content, other.headers["cache-control"]) == (style.content, "no-store")
