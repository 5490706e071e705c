"""All that an accepted referral leaves behind. On PostgreSQL one statement: on the hot path each round trip
costs more than what it writes."""

from collections.abc import Sequence
from typing import Any

from service_runtime.database.engine import wake_after_commit
from service_runtime.outbox import CHANNEL, Outbox
from sqlalchemy import TextClause, text

from referral_gateway.adapters.quotas import TableQuotas, tell_reached
from referral_gateway.ports import Acceptance, Kept, Ledger, Session, Vault

_REFERRAL = (
    "id",
    "client",
    "identifier_system",
    "identifier_value",
    "content_hash",
    "pathway",
    "municipality",
    "mode",
    "task_a",
    "ehr_request",
    "test",
    "protected",
    "urgent",
    "return_permitted",
    "accepted_at",
)
_ROUTING = (
    "id",
    "referral",
    "number",
    "provider",
    "agreement",
    "quota_key",
    "quota_taken",
    "event",
    "routed_at",
    "sweep_at",
)
_OUTBOX = (
    "id",
    "topic",
    "key",
    "headers",
    "value",
    "created_at",
    "not_before",
    "republished",
)
_CASTS = {
    "id": "uuid",
    "referral": "uuid",
    "event": "uuid",
    "content_hash": "bytea",
    "headers": "bytea",
    "value": "bytea",
    "accepted_at": "timestamptz",
    "routed_at": "timestamptz",
    "sweep_at": "timestamptz",
    "created_at": "timestamptz",
    "not_before": "timestamptz",
    "number": "int",
    "republished": "int",
    "test": "boolean",
    "protected": "boolean",
    "urgent": "boolean",
    "return_permitted": "boolean",
    "quota_taken": "boolean",
}


def _selected(prefix: str, columns: Sequence[str]) -> str:
    """The select list of one row, each value a parameter cast to its column's type."""
    return ", ".join(f"CAST(:{prefix}_{name} AS {_CASTS.get(name, 'text')})" for name in columns)


def _insert(table: str, prefix: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {_selected(prefix, columns)}"


# Every other part writes only where the claim did: a repeat of the referral leaves nothing.
_WHERE_CLAIMED = "WHERE EXISTS (SELECT 1 FROM claimed)"


_PLACE = "SELECT 1 FROM quotas WHERE key = :quota AND used < :most"
_NOBODY_WAITS = " AND NOT EXISTS (SELECT 1 FROM quotas line WHERE line.key = :line AND line.used > 0)"


def _statement(*, quota: bool, line: bool = False) -> TextClause:
    """Keeps an acceptance; answers whether there was a place, whether the identity was free, and how many of
    the quota are used now.

    A place is locked first, so the claim waits for whoever takes the last one, and it is counted only when
    the claim was made: what is refused takes nothing, and nothing has to be rolled back. Where the quota has
    a `line`, there is a place only while nobody waits in it."""
    place = f"{_PLACE}{_NOBODY_WAITS if line else ''} FOR UPDATE" if quota else "SELECT 1"
    taken = (
        "UPDATE quotas SET used = used + 1"
        " WHERE key = :quota AND EXISTS (SELECT 1 FROM claimed) RETURNING used"
    )
    return text(
        f"""
        WITH place AS ({place}),
        claimed AS (
            {_insert("referrals", "a", _REFERRAL)} WHERE EXISTS (SELECT 1 FROM place)
            ON CONFLICT DO NOTHING RETURNING id
        ),
        {f"taken AS ({taken})," if quota else ""}
        documents AS (
            INSERT INTO resources (type, id, version, body, last_updated, referral)
            SELECT kept.type, kept.id, 1, kept.body, CAST(:a_accepted_at AS timestamptz), CAST(:a_id AS uuid)
            FROM unnest(CAST(:types AS text[]), CAST(:ids AS text[]), CAST(:bodies AS bytea[]))
                AS kept (type, id, body)
            {_WHERE_CLAIMED}
        ),
        received AS (
            INSERT INTO evidence (referral, body, received_at)
            SELECT CAST(:a_id AS uuid), CAST(:raw AS bytea), CAST(:a_accepted_at AS timestamptz)
            {_WHERE_CLAIMED}
        ),
        routed AS ({_insert("routings", "r", _ROUTING)} {_WHERE_CLAIMED}),
        told AS ({_insert("outbox", "o", _OUTBOX)} {_WHERE_CLAIMED})
        SELECT EXISTS (SELECT 1 FROM place) AS place, EXISTS (SELECT 1 FROM claimed) AS claimed,
            {"(SELECT used FROM taken)" if quota else "NULL"} AS used
        """  # noqa: S608 - constants of this module, every value is a parameter
    )


_KEEP = _statement(quota=False)
_KEEP_AND_COUNT = _statement(quota=True)
_KEEP_BEHIND_THE_LINE = _statement(quota=True, line=True)


class TableAcceptances:
    """Implements `ports.Acceptances`. On PostgreSQL the session may commit each statement by itself."""

    def __init__(self, vault: Vault, ledger: Ledger, quotas: TableQuotas, outbox: Outbox) -> None:
        self._vault, self._ledger, self._quotas, self._outbox = vault, ledger, quotas, outbox

    async def keep(self, session: Session, acceptance: Acceptance) -> Kept:
        if session.dialect.name != "postgresql":
            return await self._one_by_one(session, acceptance)
        quota = acceptance.quota
        # Asked before: of a first burst somebody else may begin it while this one finds no row.
        begun = quota is None or not quota.most or self._quotas.has_begun(quota.key)
        kept = await self._in_one_statement(session, acceptance)
        if kept is Kept.USED_UP and quota and not begun:
            await self._quotas.begin(session, quota.key)
            return await self._in_one_statement(session, acceptance)
        return kept

    async def _one_by_one(self, session: Session, acceptance: Acceptance) -> Kept:
        """SQLite: the transaction is the only writer, and what it took it can give back."""
        referral, quota = acceptance.referral, acceptance.quota
        used = None if quota is None else await self._quotas.count(session, quota)
        if quota is not None and used is None:
            return Kept.USED_UP
        if not await self._ledger.claim(session, referral):
            if quota is not None:
                await self._quotas.give_back(session, {quota.key: 1})
            return Kept.REPEAT
        await self._vault.add(session, acceptance.documents)
        await self._vault.keep_evidence(session, referral.id, acceptance.raw, referral.accepted_at)
        await self._ledger.add_routing(session, acceptance.routing)
        await self._outbox.add(session, [acceptance.event])
        if quota is not None and used is not None:
            tell_reached(session, quota, used)
        return Kept.NEW

    async def _in_one_statement(self, session: Session, acceptance: Acceptance) -> Kept:
        values: dict[str, Any] = {
            **{f"a_{name}": getattr(acceptance.referral, name) for name in _REFERRAL},
            **{f"r_{name}": getattr(acceptance.routing, name) for name in _ROUTING},
            **{f"o_{name}": value for name, value in self._outbox.rows([acceptance.event])[0].items()},
            "types": [document.type for document in acceptance.documents],
            "ids": [document.id for document in acceptance.documents],
            "bodies": [document.body for document in acceptance.documents],
            "raw": acceptance.raw,
        }
        quota, statement = acceptance.quota, _KEEP
        if quota is not None:
            values |= {"quota": quota.key, "most": quota.most}
            statement = _KEEP_AND_COUNT
            if quota.line is not None:
                values["line"] = quota.line.key
                statement = _KEEP_BEHIND_THE_LINE
        place, claimed, used = (await session.execute(statement, values)).one()
        if claimed:
            wake_after_commit(session, CHANNEL)
            if quota is not None:
                tell_reached(session, quota, used)
            return Kept.NEW
        return Kept.REPEAT if place else Kept.USED_UP
