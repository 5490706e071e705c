"""Cases in a table; a partial unique index keeps one open case of a kind for a referral."""

from collections.abc import Sequence
from datetime import datetime

from service_runtime.database.statements import any_of, insert_ignore, table_of
from service_runtime.ids import new_id
from sqlalchemy import select, update

from referral_gateway.adapters.tables import Case
from referral_gateway.domain.cases import CASES, CaseKind, due
from referral_gateway.ports import OpenCase, Session

_CASES = table_of(Case)
SETTLED_BY_FACT = "fact"


class TableCases:
    """Implements `ports.Cases`."""

    async def open(
        self, session: Session, referral: str, kind: CaseKind, at: datetime, routing: str | None = None
    ) -> bool:
        row = {
            "id": new_id(),
            "referral": referral,
            "kind": kind,
            "owner": CASES[kind].owner,
            "routing": routing,
            "opened_at": at,
            "due_at": due(kind, at),
        }
        opened = await session.execute(insert_ignore(session, Case, [row], _CASES.c.id))
        return opened.first() is not None

    async def open_kinds(self, session: Session, referrals: Sequence[str]) -> Sequence[tuple[str, CaseKind]]:
        wanted = select(_CASES.c.referral, _CASES.c.kind).where(
            any_of(_CASES.c.referral, list(referrals)), _CASES.c.closed_at.is_(None)
        )
        return [(row.referral, row.kind) for row in await session.execute(wanted)]

    async def resolve(self, session: Session, referral: str, kind: CaseKind, at: datetime) -> None:
        await session.execute(
            update(_CASES)
            .where(_CASES.c.referral == referral, _CASES.c.kind == kind, _CASES.c.closed_at.is_(None))
            .values(closed_at=at, closed_by=SETTLED_BY_FACT)
        )

    async def listed(self, session: Session, referral: str | None = None) -> Sequence[OpenCase]:
        columns = [
            _CASES.c[name] for name in ("id", "referral", "kind", "owner", "routing", "opened_at", "due_at")
        ]
        wanted = select(*columns).where(_CASES.c.closed_at.is_(None)).order_by(_CASES.c.due_at, _CASES.c.id)
        if referral is not None:
            wanted = wanted.where(_CASES.c.referral == referral)
        return [OpenCase(*row) for row in await session.execute(wanted)]
