"""The endpoints table, and the view of it that the dispatcher sends by."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service_runtime.database.engine import insert_ignore
from service_runtime.database.statements import any_of
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_notifier.adapters.tables import endpoints as _endpoints
from provider_notifier.domain.endpoints import EndpointAddress
from provider_notifier.ports import ProviderEndpoints


@dataclass(frozen=True, slots=True)
class KnownEndpoint:
    """An address with its sealed secrets, as of the latest claim."""

    address: EndpointAddress
    secret: bytes | None
    previous_secret: bytes | None
    previous_until: datetime | None


class EndpointTable:
    """Port `EndpointBook` on the endpoints table."""

    async def want(self, session: AsyncConnection, endpoint: str, provider: str, version: int) -> None:
        row = {
            "id": endpoint,
            "provider": provider,
            "wanted_version": version,
            "known_version": 0,
            "active": False,
            "test": False,
        }
        await session.execute(insert_ignore(session, _endpoints, [row]))
        await session.execute(
            update(_endpoints)
            .where(_endpoints.c.id == endpoint, _endpoints.c.wanted_version < version)
            .values(wanted_version=version)
        )

    async def stale(self, session: AsyncConnection) -> Sequence[str]:
        found = await session.scalars(
            select(_endpoints.c.id)
            .where(_endpoints.c.known_version < _endpoints.c.wanted_version)
            .order_by(_endpoints.c.id)
        )
        return found.all()

    async def count(self, session: AsyncConnection) -> int:
        """How many endpoints are known to exist."""
        return await session.scalar(select(func.count()).select_from(_endpoints)) or 0

    async def learn(self, session: AsyncConnection, address: EndpointAddress) -> None:
        await self.want(session, address.id, address.provider, address.version)
        await session.execute(
            update(_endpoints)
            .where(_endpoints.c.id == address.id, _endpoints.c.known_version < address.version)
            .values(
                provider=address.provider,
                known_version=address.version,
                channel=address.channel,
                address=address.address,
                active=address.active,
                test=address.test,
            )
        )

    async def forget(self, session: AsyncConnection, endpoint: str) -> None:
        await session.execute(
            update(_endpoints)
            .where(_endpoints.c.id == endpoint)
            .values(known_version=_endpoints.c.wanted_version, active=False)
        )

    async def exists(self, session: AsyncConnection, endpoint: str) -> bool:
        return await session.scalar(select(_endpoints.c.id).where(_endpoints.c.id == endpoint)) is not None

    async def of_providers(
        self, session: AsyncConnection, providers: Collection[str]
    ) -> Mapping[str, ProviderEndpoints]:
        found = await session.execute(
            select(_endpoints)
            .where(any_of(_endpoints.c.provider, sorted(providers)))
            .order_by(_endpoints.c.id)
        )
        known: dict[str, list[EndpointAddress]] = {}
        unread: set[str] = set()
        for row in found.mappings():
            addresses = known.setdefault(row["provider"], [])
            if row["known_version"] == 0:
                unread.add(row["provider"])
            elif row["address"] is not None:
                addresses.append(_address(row))
        return {
            provider: ProviderEndpoints(addresses, provider not in unread)
            for provider, addresses in known.items()
        }


class UpToDate:
    """The dispatcher's gate: an endpoint is shut while a newer version of it exists than the one known.

    Each claim reads the rows of the endpoints that are due, so what is sent goes by the address and the
    secret of that moment; `known` is where the senders look them up."""

    def __init__(self) -> None:
        self.known: dict[str, KnownEndpoint] = {}

    async def closed(self, session: AsyncConnection, endpoints: Sequence[str]) -> Collection[str]:
        found = await session.execute(select(_endpoints).where(any_of(_endpoints.c.id, endpoints)))
        shut = set(endpoints)
        for row in found.mappings():
            if row["known_version"] >= row["wanted_version"] and row["address"] is not None:
                self.known[row["id"]] = _known(row)
                shut.discard(row["id"])
        return shut


def _known(row: Mapping[Any, Any]) -> KnownEndpoint:
    return KnownEndpoint(_address(row), row["secret"], row["previous_secret"], row["previous_until"])


def _address(row: Mapping[Any, Any]) -> EndpointAddress:
    return EndpointAddress(
        id=row["id"],
        provider=row["provider"],
        version=row["known_version"],
        channel=row["channel"],
        address=row["address"],
        active=row["active"],
        test=row["test"],
    )
