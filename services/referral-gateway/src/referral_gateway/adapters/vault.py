"""Documents in tables: written once a version, read by key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from service_runtime.database.statements import table_of
from sqlalchemy import func, insert, select

from referral_gateway.adapters.tables import Evidence, Resource
from referral_gateway.ports import Document, Session

_RESOURCES = table_of(Resource)
_EVIDENCE = table_of(Evidence)
_COLUMNS = tuple(_RESOURCES.c[name] for name in ("type", "id", "version", "body", "last_updated", "referral"))


class TableVault:
    """Implements `ports.Vault`."""

    async def add(self, session: Session, documents: Sequence[Document]) -> None:
        rows = [
            {
                "type": document.type,
                "id": document.id,
                "version": document.version,
                "body": document.body,
                "last_updated": document.last_updated,
                "referral": document.referral,
            }
            for document in documents
        ]
        await session.execute(insert(_RESOURCES), rows)

    async def newest(self, session: Session, resource_type: str, resource_id: str) -> Document | None:
        found = await session.execute(_versions(resource_type, resource_id).limit(1))
        return _document(found.first())

    async def version(
        self, session: Session, resource_type: str, resource_id: str, version: int
    ) -> Document | None:
        wanted = _versions(resource_type, resource_id).where(_RESOURCES.c.version == version)
        return _document((await session.execute(wanted)).first())

    async def history(self, session: Session, resource_type: str, resource_id: str) -> Sequence[Document]:
        return [Document(*row) for row in await session.execute(_versions(resource_type, resource_id))]

    async def newest_of_type(self, session: Session, resource_type: str) -> Sequence[Document]:
        latest = (
            select(_RESOURCES.c.id, func.max(_RESOURCES.c.version).label("version"))
            .where(_RESOURCES.c.type == resource_type, _RESOURCES.c.referral.is_(None))
            .group_by(_RESOURCES.c.id)
            .subquery()
        )
        newest = (
            select(*_COLUMNS)
            .join(latest, (latest.c.id == _RESOURCES.c.id) & (latest.c.version == _RESOURCES.c.version))
            .where(_RESOURCES.c.type == resource_type)
            .order_by(_RESOURCES.c.id)
        )
        return [Document(*row) for row in await session.execute(newest)]

    async def keep_evidence(self, session: Session, referral: str, body: bytes, at: datetime) -> None:
        await session.execute(insert(_EVIDENCE), {"referral": referral, "body": body, "received_at": at})


def _versions(resource_type: str, resource_id: str) -> Any:
    return (
        select(*_COLUMNS)
        .where(_RESOURCES.c.type == resource_type, _RESOURCES.c.id == resource_id)
        .order_by(_RESOURCES.c.version.desc())
    )


def _document(row: Any) -> Document | None:
    return Document(*row) if row is not None else None
