"""What can be wrong at the provider's page: a page that says so, in words, and nothing is recorded."""

from urllib.parse import urlencode

import httpx
import pytest
from support.routes_attempts import FORM, MARK, MARKED_PHONE, Attempt, Watch, good
from support.routes_world import OTHER_PROVIDER, PIN, World

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = "POST /p/{link_token}/session"
PINS = frozenset({"collector.pins"})
"""A wrong PIN is counted, in the row that the PIN has."""
AUDITED = frozenset({"collector.audit", "gateway.audit"})
"""The page is shown again with what is wrong, and whoever sees it reads: that is written down."""


def posting(path: str, **fields: str) -> Attempt:
    return Attempt("POST", path, {"Content-Type": FORM}, urlencode(fields).encode())


async def opened(world: World) -> tuple[str, dict[str, str]]:
    """The cookie of a session, and what every form of it carries."""
    answer = await good(SESSION, world, world.paged).send(world.three.http)
    assert answer.status_code == 303, answer.text
    cookie = answer.headers["set-cookie"].partition(";")[0]
    page = await world.three.http.get(f"/p/{world.paged.link}/referral", headers={"Cookie": cookie})
    assert page.status_code == 200, page.text
    world.three.http.cookies.clear()
    return cookie, {name: hidden(page, name) for name in ("form", "version")}


def hidden(page: httpx.Response, name: str) -> str:
    """The value of a hidden field."""
    return page.text.partition(f'name="{name}" value="')[2].partition('"')[0]


@pytest.mark.parametrize("link", [MARK, "x", "%00", "x" * 300, "%2e%2e"])
async def test_a_link_that_is_none(watch: Watch, link: str) -> None:
    for action in ("session", "close", "acceptance", MARK):
        await watch.refused(posting(f"/p/{link}/{action}", pin=PIN, form=MARK), 404)
    for path in (f"/p/{link}", f"/p/{link}/referral"):
        await watch.refused(Attempt("GET", path, {}, b""), 404)


async def test_a_wrong_pin(watch: Watch) -> None:
    path = f"/p/{watch.world.paged.link}/session"
    for pin in (MARKED_PHONE, MARK, ""):
        await watch.refused(posting(path, pin=pin), 403, but=PINS)
    await watch.refused(posting(path), 403, but=PINS)
    await opened(watch.world)  # the right one sets the count back


async def test_no_session_and_somebody_else_s(watch: Watch) -> None:
    world = watch.world
    cookie, fields = await opened(world)
    other = await world.three.http.post(
        "/collector/providers/" + OTHER_PROVIDER + "/pin", json={}, headers=world.as_staff()
    )
    assert other.status_code == 201
    for action in ("acceptance", "end", "attempts"):
        path = f"/p/{world.paged.link}/{action}"
        await watch.refused(posting(path, **fields), 401)
        await watch.refused(posting(path, **fields).bearing(Cookie=f"lahetti-session={MARK}"), 401)
        elsewhere = posting(f"/p/{world.spare.link}/{action}", **fields)
        await watch.refused(elsewhere.bearing(Cookie=cookie), 401)


async def test_a_form_that_is_not_ours(watch: Watch) -> None:
    """The cookie alone does nothing: a form of another site does not know the session's token."""
    world = watch.world
    cookie, fields = await opened(world)
    for form in ("", MARK, "0" * 64, "ä"):
        attempt = posting(f"/p/{world.paged.link}/acceptance", **(fields | {"form": form}))
        await watch.refused(attempt.bearing(Cookie=cookie), 403, but=AUDITED)


async def test_a_session_is_closed_by_its_own_form_only(watch: Watch) -> None:
    world = watch.world
    cookie, fields = await opened(world)
    before = world.three.stored()
    for form, worn in (("", cookie), (MARK, cookie), (fields["form"], f"lahetti-session={MARK}")):
        attempt = posting(f"/p/{world.paged.link}/close", form=form).bearing(Cookie=worn)
        answer = await attempt.send(world.three.http)
        assert answer.status_code == 303
        assert MARK not in f"{answer.headers} {answer.text} {watch.log.getvalue()}"
    assert world.three.stored() == before


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("acceptance", {"version": MARK}),
        ("acceptance", {"version": "99"}),
        ("acceptance", {"version": "-1"}),
        ("acceptance", {"version": ""}),
        ("completion", {"activity": "visit"}),
        ("completion", {"activity": MARK}),
        ("start", {}),
        ("end", {}),
        ("end", {"reason": MARK, "comment": MARK}),
        ("end", {"reason": "other"}),
        ("end", {"reason": "client-not-reached"}),
        ("end", {"reason": "permission-withdrawn"}),
        (MARK, {}),
    ],
)
async def test_what_a_form_of_ours_never_says(watch: Watch, action: str, fields: dict[str, str]) -> None:
    world = watch.world
    cookie, own = await opened(world)
    attempt = posting(f"/p/{world.paged.link}/{action}", **(own | fields)).bearing(Cookie=cookie)
    await watch.refused(attempt, 404, 409, 412, 422, but=AUDITED)
