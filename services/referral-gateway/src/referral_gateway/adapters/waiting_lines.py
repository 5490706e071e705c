"""Who waits in which line, in a table; how many, beside the numbers of the agreements."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Literal

from service_runtime.database.statements import any_of, table_of
from sqlalchemy import func, insert, or_, select, update

from referral_gateway.adapters import tables
from referral_gateway.adapters.quotas import TableQuotas
from referral_gateway.domain.agreements import Quota
from referral_gateway.domain.waiting import Waiting
from referral_gateway.ports import Session

_WAITING = table_of(tables.Waiting)
_COLUMNS = tuple(_WAITING.c[field.name] for field in fields(Waiting))
_OPEN = _WAITING.c.left_at.is_(None)
_IN_ORDER = (
    _WAITING.c.stranded_at.is_not(None),
    _WAITING.c.urgent.desc(),
    _WAITING.c.since,
    _WAITING.c.referral,
)
_LINES = select(_WAITING.c.line).where(_OPEN).distinct().order_by(_WAITING.c.line)


class TableLines:
    """Implements `ports.Lines`."""

    def __init__(self, quotas: TableQuotas) -> None:
        self._quotas = quotas

    async def join(self, session: Session, line: Quota, waiting: Waiting) -> bool:
        if not await self._quotas.take(session, line):
            return False
        row = {field.name: getattr(waiting, field.name) for field in fields(Waiting)}
        await session.execute(insert(_WAITING), row)
        return True

    async def joined(self, session: Session, referral: str) -> Waiting | None:
        row = (await session.execute(select(*_COLUMNS).where(_WAITING.c.referral == referral))).first()
        return Waiting(*row) if row is not None else None

    async def first(self, session: Session, most: int) -> Sequence[Waiting]:
        found: list[Waiting] = []
        for line in (await session.execute(_LINES)).scalars().all():
            oldest = select(*_COLUMNS).where(_OPEN, _WAITING.c.line == line).order_by(*_IN_ORDER).limit(most)
            found += [Waiting(*row) for row in await session.execute(oldest)]
        return found

    async def urgent(self, session: Session, lines: Sequence[str]) -> Mapping[str, int]:
        count = select(_WAITING.c.line, func.count().label("urgent")).group_by(_WAITING.c.line)
        wanted = count.where(any_of(_WAITING.c.line, list(lines)), _OPEN, _WAITING.c.urgent)
        return {row.line: row.urgent for row in await session.execute(wanted)}

    async def still(self, session: Session, referrals: Sequence[str]) -> frozenset[str]:
        wanted = select(_WAITING.c.referral).where(any_of(_WAITING.c.referral, list(referrals)), _OPEN)
        return frozenset((await session.execute(wanted)).scalars())

    async def strand(self, session: Session, referral: str, at: datetime) -> None:
        marked = update(_WAITING).where(_WAITING.c.referral == referral, _OPEN)
        await session.execute(marked.values(stranded_at=at))

    async def due(self, session: Session, at: datetime, most: int) -> Sequence[Waiting]:
        passed = or_(_WAITING.c.tell_at <= at, _WAITING.c.permitted_until <= at)
        wanted = select(*_COLUMNS).where(_OPEN, passed).order_by(_WAITING.c.since, _WAITING.c.referral)
        return [Waiting(*row) for row in await session.execute(wanted.limit(most))]

    async def told(self, session: Session, referral: str) -> None:
        await session.execute(update(_WAITING).where(_WAITING.c.referral == referral).values(tell_at=None))

    async def leave(
        self,
        session: Session,
        referrals: Sequence[str],
        at: datetime,
        left_as: Literal["placed", "ended", "lapsed"],
    ) -> None:
        if not referrals:
            return
        ended = (
            update(_WAITING)
            .where(any_of(_WAITING.c.referral, list(referrals)), _OPEN)
            .values(left_at=at, left_as=left_as)
            .returning(_WAITING.c.line)
        )
        left = Counter((await session.execute(ended)).scalars().all())
        await self._quotas.give_back(session, left)
