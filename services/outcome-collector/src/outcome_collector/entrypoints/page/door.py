"""The page's door: a link, the organisation's PIN, and a session of half an hour in a cookie."""

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qs

from referral_contracts.errors import LahettiError, refuse
from service_runtime.clock import Clock
from service_runtime.web.languages import preferred
from starlette.requests import Request
from starlette.responses import Response

from outcome_collector.domain.page_access import Link, PageSession
from outcome_collector.entrypoints.page.texts import LANGUAGES, Language
from outcome_collector.ports import Units
from outcome_collector.use_cases.open_session import find_link, find_session

COOKIE = "lahetti-session"
MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Visit:
    """An open session on one link. `form_token` must come back with every form."""

    link_token: str
    link: Link
    session: PageSession
    form_token: str


@dataclass(frozen=True, slots=True)
class Door:
    """Finds links and sessions. `secure` marks the cookie for HTTPS only."""

    units: Units
    clock: Clock
    secure: bool

    async def link(self, link_token: str) -> Link:
        """The link of a URL. Raises `link-unknown` or `link-closed`."""
        async with self.units.write() as unit:
            return await find_link(unit, link_token, self.clock.now())

    async def visit(self, request: Request, link_token: str) -> Visit:
        """The session that the request's cookie names. Raises `session-over`, or what `link` raises."""
        token = request.cookies.get(COOKIE, "")
        at = self.clock.now()
        async with self.units.write() as unit:
            link = await find_link(unit, link_token, at)
            session = await find_session(unit, token, link, at)
        return Visit(link_token, link, session, form_token(token))

    def keep(self, response: Response, link_token: str, token: str, seconds: int) -> None:
        """Put the session's `token` into the cookie of this link's pages; an empty one removes it."""
        response.set_cookie(
            COOKIE,
            token,
            max_age=seconds,
            path=f"/p/{link_token}",
            secure=self.secure,
            httponly=True,
            samesite="strict",
        )


def form_token(session_token: str) -> str:
    """What a form sends back to show that it came from our own page."""
    return hashlib.sha256(f"form:{session_token}".encode()).hexdigest()


def check_form(visit: Visit, fields: dict[str, str]) -> None:
    """Raises `session-over` where a form was not made for this session."""
    if not hmac.compare_digest(fields.get("form", ""), visit.form_token):
        raise refuse("session-over")


async def form_fields(request: Request) -> dict[str, str]:
    """The fields of a plain form post, the first value of each. Raises `invalid-value` on what is no form."""
    try:
        fields = parse_qs((await request.body()).decode(), max_num_fields=MOST_FIELDS, keep_blank_values=True)
    except (UnicodeDecodeError, ValueError):
        raise refuse("invalid-value") from None
    return {name: values[0] for name, values in fields.items()}


def language_of(request: Request) -> Language:
    """`?lang=`, else what the browser asks for, else Finnish."""
    wanted = request.query_params.get("lang")
    for language in LANGUAGES:
        if wanted == language:
            return language
    return preferred(request.headers.get("accept-language", ""), "fi")


def is_pin_refusal(error: LahettiError) -> bool:
    """Whether the person may simply look at the code again, or wait."""
    return error.issues[0].slug in {"pin-wrong", "pin-locked"}
