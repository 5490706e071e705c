"""The audits of both vaults: the gateway's own table, and the collector asked over HTTP."""

import aiohttp
from pydantic import ValidationError
from referral_contracts.errors import refuse
from referral_contracts.fhir.audit_events import AuditFilter, AuditRow, AuditRows, merged
from service_runtime import http
from service_runtime.audit_page import audit_page
from service_runtime.database.engine import Database
from service_runtime.database.statements import table_of
from service_runtime.tokens import TokenSigner
from sqlalchemy import ColumnElement, and_, or_

from referral_gateway.adapters.tables import Audit

_AUDIT = table_of(Audit)
SERVICE = "referral-gateway"
_SCOPE = "lahetti/audit.r"
_TOKEN_SECONDS = 60.0
_MOST_BYTES = 4_000_000
_AGENTS = ("client", "on_behalf_of")


class BothAudits:
    """Reads both. Half an answer would look like a whole one: without the collector there is none."""

    def __init__(
        self, database: Database, client: aiohttp.ClientSession, signer: TokenSigner, collector_url: str
    ) -> None:
        self._database, self._client, self._signer = database, client, signer
        self._url = f"{collector_url}/collector/audit"

    async def __call__(self, asked: AuditFilter) -> AuditRows:
        """The rows that `asked` wants, in its order. Raises `unavailable` where the collector is away."""
        return merged([await self._own(asked), await self._collector_s(asked)], asked)

    async def _own(self, asked: AuditFilter) -> AuditRows:
        found, total = await audit_page(self._database, _AUDIT, _about(asked), asked)
        return AuditRows(rows=tuple(AuditRow(service=SERVICE, **row) for row in found), total=total)

    async def _collector_s(self, asked: AuditFilter) -> AuditRows:
        token = self._signer.sign(client_id=SERVICE, kind="service", scope=_SCOPE, seconds=_TOKEN_SECONDS)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            body = asked.model_dump_json().encode()
            answer = await http.call(
                self._client, "POST", self._url, headers=headers, body=body, most_bytes=_MOST_BYTES
            )
            if answer.status != 200:
                raise refuse("unavailable")
            return AuditRows.model_validate_json(answer.body)
        except (aiohttp.ClientError, OSError, TimeoutError, ValidationError):
            raise refuse("unavailable") from None


def _about(asked: AuditFilter) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    for alternatives, referrals in zip(asked.entities, asked.referrals, strict=True):
        named = [one.partition("/") for one in alternatives]
        documents = [and_(_AUDIT.c.type == kind, _AUDIT.c.resource == key) for kind, _, key in named]
        wanted.append(or_(*documents, _AUDIT.c.referral.in_(referrals)))
    return [*wanted, *(or_(*(_AUDIT.c[name].in_(who) for name in _AGENTS)) for who in asked.agents)]
