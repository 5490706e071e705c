"""Referrals and routings in tables."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from service_runtime.database.statements import any_of, table_of
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from referral_gateway.adapters.tables import Referral, Routing
from referral_gateway.ports import KnownReferral, KnownRouting, NewReferral, NewRouting, Session

_REFERRALS = table_of(Referral)
_ROUTINGS = table_of(Routing)
_NEW_REFERRAL = tuple(field.name for field in fields(NewReferral))
_NEW_ROUTING = tuple(field.name for field in fields(NewRouting))
_KNOWN_REFERRAL = select(*(_REFERRALS.c[field.name] for field in fields(KnownReferral)))
_KNOWN_ROUTING = select(*(_ROUTINGS.c[field.name] for field in fields(KnownRouting)))
# Built once: this is the first statement of every accepted referral.
_CLAIM = {
    "postgresql": postgresql.insert(_REFERRALS).on_conflict_do_nothing().returning(_REFERRALS.c.id),
    "sqlite": sqlite.insert(_REFERRALS).on_conflict_do_nothing().returning(_REFERRALS.c.id),
}


class TableLedger:
    """Implements `ports.Ledger`."""

    async def claim(self, session: Session, referral: NewReferral) -> bool:
        row = {name: getattr(referral, name) for name in _NEW_REFERRAL}
        written = await session.execute(_CLAIM[session.dialect.name], row)
        return written.first() is not None

    async def identified(
        self, session: Session, client: str, system: str, value: str
    ) -> KnownReferral | None:
        wanted = _KNOWN_REFERRAL.where(
            _REFERRALS.c.client == client,
            _REFERRALS.c.identifier_system == system,
            _REFERRALS.c.identifier_value == value,
        )
        row = (await session.execute(wanted)).first()
        return KnownReferral(*row) if row is not None else None

    async def referral(self, session: Session, referral: str) -> KnownReferral | None:
        row = (await session.execute(_KNOWN_REFERRAL.where(_REFERRALS.c.id == referral))).first()
        return KnownReferral(*row) if row is not None else None

    async def pathways(self, session: Session, referrals: Sequence[str]) -> Mapping[str, str]:
        wanted = select(_REFERRALS.c.id, _REFERRALS.c.pathway)
        found = await session.execute(wanted.where(any_of(_REFERRALS.c.id, sorted(set(referrals)))))
        return {row.id: row.pathway for row in found}

    async def lock(self, session: Session, referrals: Sequence[str]) -> Mapping[str, KnownReferral]:
        # In one order always: two members of the consumer group must not wait for each other.
        held = _KNOWN_REFERRAL.where(any_of(_REFERRALS.c.id, sorted(set(referrals)))).order_by(
            _REFERRALS.c.id
        )
        found = await session.execute(held.with_for_update())
        return {row.id: KnownReferral(*row) for row in found}

    async def mark(self, session: Session, referral: str, **times: datetime) -> None:
        await session.execute(update(_REFERRALS).where(_REFERRALS.c.id == referral).values(**times))

    async def add_routing(self, session: Session, routing: NewRouting) -> None:
        row = {name: getattr(routing, name) for name in _NEW_ROUTING}
        await session.execute(insert(_ROUTINGS), row)

    async def routings(self, session: Session, referrals: Sequence[str]) -> Sequence[KnownRouting]:
        wanted = _KNOWN_ROUTING.where(any_of(_ROUTINGS.c.referral, list(set(referrals)))).order_by(
            _ROUTINGS.c.referral, _ROUTINGS.c.number
        )
        return [KnownRouting(*row) for row in await session.execute(wanted)]

    async def overdue(self, session: Session, at: datetime, most: int) -> Sequence[KnownRouting]:
        # Two statements, one for each partial index.
        found: dict[str, KnownRouting] = {}
        for missing in (_ROUTINGS.c.task.is_(None), _ROUTINGS.c.revoke_event.is_not(None)):
            due = _KNOWN_ROUTING.where(missing, _ROUTINGS.c.ended_at.is_(None), _ROUTINGS.c.sweep_at <= at)
            for row in await session.execute(due.order_by(_ROUTINGS.c.sweep_at).limit(most)):
                found[row.id] = KnownRouting(*row)
        return list(found.values())

    async def change_routings(self, session: Session, changes: Sequence[Mapping[str, Any]]) -> None:
        if not changes:
            return
        columns = {name: bindparam(f"new_{name}") for name in changes[0] if name != "id"}
        statement = update(_ROUTINGS).where(_ROUTINGS.c.id == bindparam("which")).values(columns)
        rows = [
            {"which" if name == "id" else f"new_{name}": value for name, value in change.items()}
            for change in changes
        ]
        await session.execute(statement, rows)
