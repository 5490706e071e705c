"""All that an accepted referral leaves behind. On PostgreSQL one statement: on the hot path each round trip
costs more than what it writes."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from service_runtime.database.engine import wake_after_commit
from service_runtime.outbox import CHANNEL, Outbox
from sqlalchemy import text

from referral_gateway.ports import Acceptance, Ledger, Session, Vault

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
    "task_version",
    "swept",
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
    "task_version": "int",
    "swept": "int",
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
_KEEP = text(
    f"""
    WITH claimed AS ({_insert("referrals", "a", _REFERRAL)} ON CONFLICT DO NOTHING RETURNING id),
    documents AS (
        INSERT INTO resources (type, id, version, body, last_updated, referral)
        SELECT kept.type, kept.id, 1, kept.body, CAST(:a_accepted_at AS timestamptz), CAST(:a_id AS uuid)
        FROM unnest(CAST(:types AS text[]), CAST(:ids AS text[]), CAST(:bodies AS bytea[]))
            AS kept (type, id, body)
        {_WHERE_CLAIMED}
    ),
    received AS (
        INSERT INTO evidence (referral, body, received_at)
        SELECT CAST(:a_id AS uuid), CAST(:raw AS bytea), CAST(:a_accepted_at AS timestamptz) {_WHERE_CLAIMED}
    ),
    routed AS ({_insert("routings", "r", _ROUTING)} {_WHERE_CLAIMED}),
    told AS ({_insert("outbox", "o", _OUTBOX)} {_WHERE_CLAIMED})
    SELECT id FROM claimed
    """  # noqa: S608 - constants of this module, every value is a parameter
)


class TableAcceptances:
    """Implements `ports.Acceptances`."""

    def __init__(self, vault: Vault, ledger: Ledger, outbox: Outbox) -> None:
        self._vault, self._ledger, self._outbox = vault, ledger, outbox

    async def keep(self, session: Session, acceptance: Acceptance) -> bool:
        if session.get_bind().dialect.name == "postgresql":
            return await self._in_one_statement(session, acceptance)
        referral = acceptance.referral
        if not await self._ledger.claim(session, referral):
            return False
        await self._vault.add(session, acceptance.documents)
        await self._vault.keep_evidence(session, referral.id, acceptance.raw, referral.accepted_at)
        await self._ledger.add_routing(session, acceptance.routing)
        await self._outbox.add(session, [acceptance.event])
        return True

    async def _in_one_statement(self, session: Session, acceptance: Acceptance) -> bool:
        routing = asdict(acceptance.routing) | {"task_version": 0, "swept": 0}
        values: dict[str, Any] = {
            **{f"a_{name}": getattr(acceptance.referral, name) for name in _REFERRAL},
            **{f"r_{name}": routing[name] for name in _ROUTING},
            **{f"o_{name}": value for name, value in self._outbox.rows([acceptance.event])[0].items()},
            "types": [document.type for document in acceptance.documents],
            "ids": [document.id for document in acceptance.documents],
            "bodies": [document.body for document in acceptance.documents],
            "raw": acceptance.raw,
        }
        kept = (await session.execute(_KEEP, values)).first() is not None
        if kept:
            wake_after_commit(session, CHANNEL)
        return kept
