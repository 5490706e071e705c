"""The collector's audit as others ask for it."""

from typing import Any

from referral_contracts.fhir.audit_events import AuditFilter, AuditRow, AuditRows, is_row_id
from service_runtime.database.engine import Database
from service_runtime.database.statements import table_of
from sqlalchemy import and_, func, or_, select

from outcome_collector.adapters.tables import Audit

_AUDIT = table_of(Audit)
SERVICE = "outcome-collector"


class AuditReader:
    """Reads audit rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, asked: AuditFilter) -> AuditRows:
        """The rows that `asked` wants, in its order."""
        wanted = _conditions(asked)
        key = (_AUDIT.c.at, _AUDIT.c.id)
        query = select(_AUDIT).where(*wanted, *_behind(asked)).limit(asked.most)
        ordered = query.order_by(*((one.desc() for one in key) if asked.descending else key))
        async with self._database.read() as session:
            rows = [_row(row) for row in (await session.execute(ordered)).mappings()]
            counting = select(func.count()).select_from(_AUDIT).where(*wanted)
            total = (await session.execute(counting)).scalar_one() if asked.counted else None
        return AuditRows(rows=tuple(rows), total=total)


def _conditions(asked: AuditFilter) -> list[Any]:
    wanted: list[Any] = []
    for alternatives, referrals in zip(asked.entities, asked.referrals, strict=True):
        wanted.append(or_(_AUDIT.c.resource.in_(alternatives), _AUDIT.c.referral.in_(referrals)))
    wanted += [_AUDIT.c.client.in_(alternatives) for alternatives in asked.agents]
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
