"""The audits of both vaults: the gateway's own table, and the collector asked over HTTP."""

from typing import Any

import aiohttp
from pydantic import ValidationError
from referral_contracts.errors import refuse
from referral_contracts.fhir.audit_events import AuditFilter, AuditRow, AuditRows, is_row_id, merged
from service_runtime import http
from service_runtime.database.engine import Database
from service_runtime.database.statements import table_of
from service_runtime.tokens import TokenSigner
from sqlalchemy import and_, func, or_, select

from referral_gateway.adapters.tables import Audit

_AUDIT = table_of(Audit)
SERVICE = "referral-gateway"
_SCOPE = "lahetti/audit.r"
_TOKEN_SECONDS = 60.0
_MOST_BYTES = 4_000_000
_AGENTS = ("client", "on_behalf_of")


class BothAudits:
    """Reads both. Half an answer would look like a whole one: without the collector there is none."""

    def __init__(self, database: Database, signer: TokenSigner, collector_url: str) -> None:
        self._database, self._signer = database, signer
        self._url = f"{collector_url}/collector/audit"

    async def __call__(self, asked: AuditFilter) -> AuditRows:
        """The rows that `asked` wants, in its order. Raises `unavailable` where the collector is away."""
        return merged([await self._own(asked), await self._collector_s(asked)], asked)

    async def _own(self, asked: AuditFilter) -> AuditRows:
        wanted, key = _conditions(asked), (_AUDIT.c.at, _AUDIT.c.id)
        query = select(_AUDIT).where(*wanted, *_behind(asked)).limit(asked.most)
        ordered = query.order_by(*((one.desc() for one in key) if asked.descending else key))
        async with self._database.read() as session:
            found = (await session.execute(ordered)).mappings()
            rows = [AuditRow(service=SERVICE, **row) for row in found]
            counting = select(func.count()).select_from(_AUDIT).where(*wanted)
            total = (await session.execute(counting)).scalar_one() if asked.counted else None
        return AuditRows(rows=tuple(rows), total=total)

    async def _collector_s(self, asked: AuditFilter) -> AuditRows:
        token = self._signer.sign(client_id=SERVICE, kind="service", scope=_SCOPE, seconds=_TOKEN_SECONDS)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            async with http.session() as client:
                body = asked.model_dump_json().encode()
                answer = await http.call(
                    client, "POST", self._url, headers=headers, body=body, most_bytes=_MOST_BYTES
                )
            if answer.status != 200:
                raise refuse("unavailable")
            return AuditRows.model_validate_json(answer.body)
        except (aiohttp.ClientError, OSError, TimeoutError, ValidationError):
            raise refuse("unavailable") from None


def _conditions(asked: AuditFilter) -> list[Any]:
    wanted: list[Any] = []
    for alternatives, referrals in zip(asked.entities, asked.referrals, strict=True):
        named = [one.partition("/") for one in alternatives]
        documents = [and_(_AUDIT.c.type == kind, _AUDIT.c.resource == key) for kind, _, key in named]
        wanted.append(or_(*documents, _AUDIT.c.referral.in_(referrals)))
    wanted += [or_(*(_AUDIT.c[name].in_(who) for name in _AGENTS)) for who in asked.agents]
    wanted += [_AUDIT.c.id.in_([one for one in ids if is_row_id(one)]) for ids in asked.ids]
    if asked.since is not None:
        wanted.append(_AUDIT.c.at >= asked.since)
    if asked.before is not None:
        wanted.append(_AUDIT.c.at < asked.before)
    return wanted


def _behind(asked: AuditFilter) -> list[Any]:
    at = asked.after_at
    if at is None or not is_row_id(asked.after_id):
        return []
    same = _AUDIT.c.at == at
    if asked.descending:
        return [or_(_AUDIT.c.at < at, and_(same, _AUDIT.c.id < asked.after_id))]
    return [or_(_AUDIT.c.at > at, and_(same, _AUDIT.c.id > asked.after_id))]
