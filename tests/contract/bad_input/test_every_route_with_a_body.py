"""What can be wrong with any body, at every route that takes one: refused, not stored, not repeated."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from service_runtime.tokens import generate_keys
from support.clocks import StandingClock
from support.routes_attempts import (
    BODY_OPTIONAL,
    FORM,
    FORMS,
    GOOD,
    JSON,
    MACHINES,
    MARK,
    PATCH,
    VERSIONED,
    Watch,
    good,
    with_current,
)
from support.routes_world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")

YESTERDAY = StandingClock(datetime.now(UTC) - timedelta(days=1))
BEHIND_A_SESSION = ("POST /p/{link_token}/close", "POST /p/{link_token}/{action}")
"""Without a session these read no body at all, so that one whose length is left open never shows its size."""
NOT_JSON = {
    "cut off": f'{{"name": "{MARK}'.encode(),
    "words": MARK.encode(),
    "not UTF-8": f'{{"name": "{MARK}'.encode() + b'\xff"}',
    "NaN": f'{{"name": "{MARK}", "size": NaN}}'.encode(),
    "XML that calls itself JSON": f"<Patient><name>{MARK}</name></Patient>".encode(),
    "thousands of levels": b"[" * 5000 + f'"{MARK}"'.encode() + b"]" * 5000,
    "a comma too many": f'{{"name": "{MARK}",}}'.encode(),
    "two documents": f'{{"name": "{MARK}"}}{{}}'.encode(),
}
NOT_ITS_SHAPE = {
    "a string": f'"{MARK}"'.encode(),
    "a number": b"5",
    "null": b"null",
    "a list of strings": f'["{MARK}"]'.encode(),
    "a list of lists": f'[["{MARK}"]]'.encode(),
    "an object of other names": f'{{"{MARK}": "{MARK}"}}'.encode(),
}


async def test_the_requests_here_are_those_of_the_route_table(world: World) -> None:
    bodied = {str(route) for route in world.three.routes if route.method in {"POST", "PUT", "PATCH"}}
    assert set(GOOD) == bodied


@pytest.mark.parametrize("fault", NOT_JSON)
@pytest.mark.parametrize("route", MACHINES)
async def test_malformed_json(watch: Watch, route: str, fault: str) -> None:
    attempt = good(route, watch.world).saying(NOT_JSON[fault])
    await watch.refused(attempt, 400)


@pytest.mark.parametrize("fault", NOT_ITS_SHAPE)
@pytest.mark.parametrize("route", MACHINES)
async def test_json_of_another_shape(watch: Watch, route: str, fault: str) -> None:
    attempt = good(route, watch.world).saying(NOT_ITS_SHAPE[fault])
    await watch.refused(attempt, 400, 422)


@pytest.mark.parametrize("route", [route for route in MACHINES if route not in BODY_OPTIONAL])
async def test_no_body_at_all(watch: Watch, route: str) -> None:
    await watch.refused(good(route, watch.world).saying(b""), 400, 422)


@pytest.mark.parametrize("route", [route for route in MACHINES if route not in BODY_OPTIONAL])
async def test_no_body_and_no_word_of_what_it_would_be(watch: Watch, route: str) -> None:
    """A PATCH like that was once a fault of ours: schemathesis found it."""
    await watch.refused(good(route, watch.world).saying(b"").bearing(Content_Type=None), 400, 422)


@pytest.mark.parametrize(
    "media",
    [
        "application/fhir+xml",
        "application/xml",
        "text/xml",
        "text/plain",
        "multipart/form-data; boundary=x",
        f"application/json; charset={MARK}",
        "application/fhir+json; fhirVersion=5.0",
        MARK,
        "",
    ],
)
@pytest.mark.parametrize("route", MACHINES)
async def test_a_body_of_another_type(watch: Watch, route: str, media: str) -> None:
    attempt = good(route, watch.world).saying(f"<Patient>{MARK}</Patient>".encode())
    await watch.refused(attempt.bearing(Content_Type=media or None), 415)


@pytest.mark.parametrize("route", MACHINES)
async def test_json_of_the_wrong_kind(watch: Watch, route: str) -> None:
    """A PATCH is a JSON Patch or a FHIRPath Patch and nothing else is one; no machine's route takes forms."""
    attempt = good(route, watch.world)
    wrong = (JSON,) if attempt.method == "PATCH" else (PATCH,)
    for media in (*wrong, FORM):
        await watch.refused(attempt.bearing(Content_Type=media), 415)


@pytest.mark.parametrize(
    "accept", ["application/fhir+xml", "text/html", "application/xml;q=0.9, text/*", MARK]
)
@pytest.mark.parametrize("route", MACHINES)
async def test_an_answer_in_another_type(watch: Watch, route: str, accept: str) -> None:
    await watch.refused(good(route, watch.world).bearing(Accept=accept), 406, slug="not-acceptable")


@pytest.mark.parametrize("route", GOOD)
async def test_an_oversized_body(watch: Watch, route: str) -> None:
    limit = watch.world.three.max_body_bytes
    body = b'{"name": "' + MARK.encode() * (limit // len(MARK) + 1) + b'"}'
    attempt = good(route, watch.world).saying(body)
    await watch.refused(attempt, 413, slug="body-too-large")
    if route not in BEHIND_A_SESSION:
        await watch.refused(attempt, 413, slug="body-too-large", chunked=True)


@pytest.mark.parametrize("route", GOOD)
async def test_a_compressed_body(watch: Watch, route: str) -> None:
    await watch.refused(good(route, watch.world).bearing(Content_Encoding="gzip"), 415)


@pytest.mark.parametrize("route", FORMS)
async def test_what_takes_forms_takes_nothing_else(watch: Watch, route: str) -> None:
    for media in (JSON, "application/xml", "multipart/form-data; boundary=x", MARK):
        attempt = good(route, watch.world).bearing(Content_Type=media).saying(MARK.encode())
        await watch.refused(attempt, 415)


@pytest.mark.parametrize("route", VERSIONED)
async def test_a_missing_and_a_stale_if_match(watch: Watch, route: str) -> None:
    attempt = await with_current(watch.world, good(route, watch.world))
    await watch.refused(attempt.bearing(If_Match=None), 412, slug="version-required")
    for stale in ('W/"0"', 'W/"2"', '"7"', "*", f'W/"{MARK}"', f'"{"1" * 40}"'):
        await watch.refused(attempt.bearing(If_Match=stale), 412, slug="version-conflict")


@pytest.mark.parametrize("route", VERSIONED)
async def test_an_if_match_that_names_no_version_or_several(watch: Watch, route: str) -> None:
    """RFC 9110, 13.1.1; a change is made on one version, so that a list cannot say which."""
    attempt = await with_current(watch.world, good(route, watch.world))
    for malformed in ('"1', '1"', "1", "W/1", 'w/"1"', MARK, 'W/"1", W/"2"', '*, W/"1"', '"1""2"'):
        await watch.refused(attempt.bearing(If_Match=malformed), 400, slug="version-malformed")


@pytest.mark.parametrize("route", MACHINES)
async def test_nobody_s_token_an_expired_one_and_a_forged_one(
    watch: Watch, route: str, tmp_path: Path
) -> None:
    three, attempt = watch.world.three, good(route, watch.world)
    access = next(one.access for one in three.routes if str(one) == route)
    assert access is not None
    stranger = generate_keys(tmp_path / "stranger").private
    kind = min(access.kinds)
    for headers, slug in (
        ({"Authorization": None}, "token-missing"),
        ({"Authorization": f"Bearer {MARK}"}, "token-invalid"),
        (three.token(access.scope, kind, clock=YESTERDAY), "token-expired"),
        (three.token(access.scope, kind, key_file=stranger), "token-invalid"),
    ):
        await watch.refused(attempt.bearing(**headers), 401, slug=slug)
    await watch.refused(attempt.bearing(**three.token("system/Group.r", kind)), 403, slug="scope-missing")
