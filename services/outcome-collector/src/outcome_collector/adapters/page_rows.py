"""Links, PINs and sessions of the provider's page in tables."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from service_runtime.database.statements import any_of, table_of
from service_runtime.ids import new_id
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.tables import ContactAttempt, PageLink, Pin
from outcome_collector.adapters.tables import PageSession as PageSessionRow
from outcome_collector.domain.page_access import Link, PageSession, PinState

_LINKS, _PINS = table_of(PageLink), table_of(Pin)
_SESSIONS, _ATTEMPTS = table_of(PageSessionRow), table_of(ContactAttempt)


class TablePages:
    """Implements `ports.Pages` in one transaction."""

    def __init__(self, session: AsyncConnection) -> None:
        self._session = session

    async def add_link(self, link: Link) -> None:
        await self._session.execute(insert(_LINKS), asdict(link))

    async def link(self, digest: str) -> Link | None:
        row = (
            (await self._session.execute(select(_LINKS).where(_LINKS.c.digest == digest))).mappings().first()
        )
        return Link(**row) if row else None

    async def close_links(self, referrals: Sequence[str], at: datetime) -> None:
        still_open = or_(_LINKS.c.closes_at.is_(None), _LINKS.c.closes_at > at)
        await self._session.execute(
            update(_LINKS).where(any_of(_LINKS.c.referral, list(referrals)), still_open).values(closes_at=at)
        )

    async def lock_pin(self, provider: str) -> PinState | None:
        query = select(_PINS).where(_PINS.c.provider == provider).with_for_update()
        row = (await self._session.execute(query)).mappings().first()
        return PinState(**row) if row else None

    async def save_pin(self, pin: PinState) -> None:
        postgres = self._session.dialect.name == "postgresql"
        adding = postgresql.insert(_PINS) if postgres else sqlite.insert(_PINS)
        values = asdict(pin)
        await self._session.execute(
            adding.values(values).on_conflict_do_update(index_elements=["provider"], set_=values)
        )

    async def add_session(self, session: PageSession) -> None:
        await self._session.execute(insert(_SESSIONS), asdict(session))

    async def session(self, digest: str) -> PageSession | None:
        query = select(_SESSIONS).where(_SESSIONS.c.digest == digest)
        row = (await self._session.execute(query)).mappings().first()
        return PageSession(**row) if row else None

    async def end_session(self, session: str) -> None:
        await self._session.execute(delete(_SESSIONS).where(_SESSIONS.c.id == session))

    async def end_sessions(self, provider: str) -> None:
        await self._session.execute(delete(_SESSIONS).where(_SESSIONS.c.provider == provider))

    async def add_contact_attempt(self, task: str, session: str, at: datetime) -> None:
        row = {"id": new_id(), "task": task, "session": session, "at": at}
        await self._session.execute(insert(_ATTEMPTS), row)

    async def contact_attempts(self, task: str) -> Sequence[datetime]:
        query = select(_ATTEMPTS.c.at).where(_ATTEMPTS.c.task == task)
        return (await self._session.scalars(query.order_by(_ATTEMPTS.c.at, _ATTEMPTS.c.id))).all()
