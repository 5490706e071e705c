"""The audit in a table: one row a document, in the transaction that reads it."""

from collections.abc import Sequence
from dataclasses import asdict

from service_runtime.database.statements import table_of
from service_runtime.ids import new_id
from sqlalchemy import insert

from referral_gateway.adapters.tables import Audit
from referral_gateway.ports import Reading, Session

_AUDIT = table_of(Audit)


class TableAudit:
    """Implements `ports.AuditTrail`."""

    async def write(self, session: Session, readings: Sequence[Reading]) -> None:
        rows = [{"id": new_id(), **asdict(reading)} for reading in readings]
        if rows:
            await session.execute(insert(_AUDIT), rows)
