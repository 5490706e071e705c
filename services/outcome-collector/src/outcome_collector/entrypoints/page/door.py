"""The page's door: a link, the organisation's PIN, and a session of half an hour in a cookie."""

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qs

from referral_contracts.errors import LahettiError, refuse
from service_runtime.clock import Clock
from service_runtime.web.languages import chosen
from starlette.requests import Request
from starlette.responses import Response

from outcome_collector.domain.page_access import SESSION, Link, PageSession
from outcome_collector.entrypoints.page.texts import Language
from outcome_collector.ports import PinHasher, Units
from outcome_collector.use_cases.open_session import close_session, find_link, find_session, open_session

COOKIE = "lahetti-session"
MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Visit:
    """An open session on one link. `form_token` must come back with every form."""

    link_token: str
    link: Link
    session: PageSession
    form_token: str

    def made(self, fields: dict[str, str]) -> bool:
        """Whether a form was made for this session: no other site can know its token."""
        return hmac.compare_digest(fields.get("form", "").encode(), self.form_token.encode())


@dataclass(frozen=True, slots=True)
class Door:
    """Finds links, opens and closes sessions. `secure` marks the cookie for HTTPS only."""

    units: Units
    hasher: PinHasher
    clock: Clock
    secure: bool

    async def link(self, link_token: str) -> Link:
        """The link of a URL. Raises `link-unknown` or `link-closed`."""
        async with self.units.write() as unit:
            return await find_link(unit, link_token, self.clock.now())

    async def enter(self, link_token: str, pin: str) -> tuple[Visit, str]:
        """A new visit and the token of its cookie. Raises what `open_session` raises."""
        opened = await open_session(self.units, self.hasher, link_token, pin, self.clock.now())
        link = await self.link(link_token)
        return Visit(link_token, link, opened.session, form_token(opened.token)), opened.token

    async def visit(self, request: Request, link_token: str) -> Visit | None:
        """The session that the request's cookie names, None once it is over. Raises what `link` raises."""
        token = request.cookies.get(COOKIE, "")
        at = self.clock.now()
        async with self.units.write() as unit:
            link = await find_link(unit, link_token, at)
            try:
                session = await find_session(unit, token, link, at)
            except LahettiError:
                return None
        return Visit(link_token, link, session, form_token(token))

    async def leave(self, visit: Visit) -> None:
        """End the session, whoever holds its cookie."""
        async with self.units.write() as unit:
            await close_session(unit, visit.session)

    def keep(self, response: Response, link_token: str, token: str) -> None:
        """Put the session's `token` into the cookie of this link's pages; an empty one removes it."""
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(SESSION.total_seconds()) if token else 0,
            path=f"/p/{link_token}",
            secure=self.secure,
            httponly=True,
            samesite="strict",
        )


def form_token(session_token: str) -> str:
    """What a form sends back to show that it came from our own page."""
    return hashlib.sha256(f"form:{session_token}".encode()).hexdigest()


async def form_fields(request: Request) -> dict[str, str]:
    """The fields of a plain form post, the first value of each. Raises `invalid-value` on what is no form."""
    try:
        fields = parse_qs((await request.body()).decode(), max_num_fields=MOST_FIELDS, keep_blank_values=True)
    except (UnicodeDecodeError, ValueError):
        raise refuse("invalid-value") from None
    return {name: values[0] for name, values in fields.items()}


def language_of(request: Request) -> Language:
    """`?lang=`, else what the browser asks for, else Finnish."""
    query: bytes = request.scope["query_string"]
    return chosen(query, request.headers.get("accept-language", ""), "fi")
