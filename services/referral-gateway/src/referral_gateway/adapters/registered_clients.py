"""The operators' EHR clients in a table."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from service_runtime.database.statements import insert_ignore, table_of
from sqlalchemy import select, update

from referral_gateway.adapters.county_clients import ehr_client
from referral_gateway.adapters.tables import Client
from referral_gateway.domain.registered_clients import Registered
from referral_gateway.ports import Session

_CLIENTS = table_of(Client)
Row = tuple[str, bytes | None, bool, datetime, str]


class TableClients:
    """Implements `Clients` of `manage_clients`."""

    async def registered(self, session: Session) -> Sequence[Registered]:
        return [parsed(row) for row in await self.rows(session)]

    async def rows(self, session: Session) -> Sequence[Row]:
        """The rows as they are, by id."""
        columns = [_CLIENTS.c[name] for name in ("id", "content", "active", "changed_at", "changed_by")]
        found = await session.execute(select(*columns).order_by(_CLIENTS.c.id))
        return [(row[0], row[1], row[2], row[3], row[4]) for row in found]

    async def content(self, session: Session, client: str) -> Mapping[str, Any] | None:
        wanted = select(_CLIENTS.c.content).where(_CLIENTS.c.id == client).with_for_update()
        kept: bytes | None = (await session.execute(wanted)).scalar()
        return None if kept is None else orjson.loads(kept)

    async def put(
        self,
        session: Session,
        client: str,
        content: Mapping[str, Any] | None,
        *,
        active: bool,
        at: datetime,
        by: str,
    ) -> None:
        row = {
            "id": client,
            "content": None if content is None else orjson.dumps(content),
            "active": active,
            "changed_at": at,
            "changed_by": by,
        }
        added = await session.execute(insert_ignore(session, Client, [row], _CLIENTS.c.id))
        if added.first() is None:
            await session.execute(update(_CLIENTS).where(_CLIENTS.c.id == client).values(row))


def parsed(row: Row) -> Registered:
    """What a row says."""
    name, content, active, changed_at, changed_by = row
    client = None if content is None else ehr_client(orjson.loads(content))
    return Registered(name, client, active, changed_at, changed_by)
