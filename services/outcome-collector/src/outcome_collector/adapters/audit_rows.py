"""The collector's audit as others ask for it."""

from typing import Any

from referral_contracts.fhir.audit_events import AuditFilter, AuditRow, AuditRows
from service_runtime.audit_page import audit_page
from service_runtime.database.engine import Database
from service_runtime.database.statements import table_of
from sqlalchemy import ColumnElement, or_

from outcome_collector.adapters.tables import Audit

_AUDIT = table_of(Audit)
SERVICE = "outcome-collector"


class AuditReader:
    """Reads audit rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, asked: AuditFilter) -> AuditRows:
        """The rows that `asked` wants, in its order."""
        found, total = await audit_page(self._database, _AUDIT, _about(asked), asked)
        return AuditRows(rows=tuple(_row(row) for row in found), total=total)


def _about(asked: AuditFilter) -> list[ColumnElement[bool]]:
    alternatives = zip(asked.entities, asked.referrals, strict=True)
    return [
        *(or_(_AUDIT.c.resource.in_(named), _AUDIT.c.referral.in_(of)) for named, of in alternatives),
        *(_AUDIT.c.client.in_(either) for either in asked.agents),
    ]


def _row(row: Any) -> AuditRow:
    kind, _, resource = row["resource"].partition("/")
    return AuditRow(
        id=row["id"],
        at=row["at"],
        service=SERVICE,
        client=row["client"],
        kind=row["kind"],
        action=row["action"],
        type=kind,
        resource=resource,
        version=row["version"],
        referral=row["referral"],
        session=row["session"],
    )
