"""The provider's page is opened: a link names the referral, the PIN proves the organisation."""

from dataclasses import dataclass
from datetime import datetime

from referral_contracts.errors import LahettiError, refuse
from service_runtime.ids import new_id

from outcome_collector.domain.page_access import (
    SESSION,
    Link,
    PageSession,
    after_right,
    after_wrong,
    check_link,
    digest_of,
    locked,
    new_token,
)
from outcome_collector.ports import PinHasher, Unit, Units


@dataclass(frozen=True, slots=True)
class Opened:
    """`token` goes into a cookie and is not stored."""

    token: str
    session: PageSession


async def find_link(unit: Unit, link_token: str, at: datetime) -> Link:
    """The link that a URL names. Raises `link-unknown` or `link-closed`."""
    return check_link(await unit.pages.link(digest_of(link_token)), at)


async def open_session(units: Units, hasher: PinHasher, link_token: str, pin: str, at: datetime) -> Opened:
    """A session of 30 minutes on the link's Task. Raises `link-unknown`, `link-closed`, `pin-missing`,
    `pin-wrong` or `pin-locked`; a wrong PIN is counted in the database, the fifth in a row locks for 15
    minutes.

    A try is counted as wrong before the PIN is compared, so that guessing many at once gains nothing and
    the slow
    comparison holds no transaction open."""
    async with units.write() as unit:
        link = await find_link(unit, link_token, at)
        state = await unit.pages.lock_pin(link.provider)
        refusal = locked(state, at) if state else refuse("pin-missing")
        counted = after_wrong(state, at) if state else None
        if counted is not None and refusal is None:
            await unit.pages.save_pin(counted)
    if refusal is not None or state is None or counted is None:
        raise refusal or refuse("pin-wrong")
    if not await hasher.matches(state.hashed, pin):
        raise _wrong(locked(counted, at))
    return await _opened(units, link, at)


async def find_session(unit: Unit, session_token: str, link: Link, at: datetime) -> PageSession:
    """The session that a cookie names, if it was opened for this link's Task. Raises `session-over`."""
    session = await unit.pages.session(digest_of(session_token))
    if session is None or session.task != link.task or at >= session.expires_at:
        raise refuse("session-over")
    return session


async def close_session(unit: Unit, session: PageSession) -> None:
    """Ends `session`: its cookie opens nothing any more."""
    await unit.pages.end_session(session.id)


async def _opened(units: Units, link: Link, at: datetime) -> Opened:
    token = new_token()
    session = PageSession(new_id(), digest_of(token), link.task, link.provider, at, at + SESSION)
    async with units.write() as unit:
        state = await unit.pages.lock_pin(link.provider)
        if state is not None:
            await unit.pages.save_pin(after_right(state))
        await unit.pages.add_session(session)
    return Opened(token, session)


def _wrong(now_locked: LahettiError | None) -> LahettiError:
    return now_locked or refuse("pin-wrong")
