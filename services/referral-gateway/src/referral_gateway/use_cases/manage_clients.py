"""Add EHR clients beside the county's data, give them other keys, stop them and let them go on."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

from referral_contracts.errors import refuse
from service_runtime.clock import Clock
from service_runtime.tokens.bars import Bar, of_client, of_issued

from referral_gateway.domain.county import County, EhrClient
from referral_gateway.domain.registered_clients import Registered, stopped, with_registered
from referral_gateway.ports import Counties, Session
from referral_gateway.use_cases.bar_access import EHR, BarAccess

KEYS = frozenset({"jwks_url", "jwks"})
Kind = Literal["ehr", "provider", "staff"]


class Clients(Protocol):
    """The EHR clients that operators manage."""

    async def registered(self, session: Session) -> Sequence[Registered]: ...

    async def content(self, session: Session, client: str) -> Mapping[str, Any] | None:
        """How an operator's client was described, held until the transaction ends; None where it is not
        one."""
        ...

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
        """Keep what is said of a client, in place of what was."""
        ...


class ManageClients:
    """Rule: operators and the county's data never overwrite each other. A client stands in one of them; only
    stopping is open to operators for all clients, and what either side has stopped stays stopped until that
    side lets it go on.

    Each call writes the client's row and, where its tokens are refused from now on or no longer, a bar and
    `access.changed`.
    """

    def __init__(
        self,
        *,
        counties: Counties,
        clients: Clients,
        read: Callable[[Mapping[str, Any]], EhrClient],
        access: BarAccess,
        clock: Clock,
    ) -> None:
        self._counties = counties
        self._clients = clients
        self._read = read
        self._access = access
        self._clock = clock

    async def add(self, session: Session, content: Mapping[str, Any], by: str) -> None:
        """A new client, in the words of clients.yaml. Raises CountyError on what is wrong with it,
        `client-taken` where there is one of that id.
        """
        client = self._read(content)
        county, known = await self._county(session)
        if client.id in county.clients or client.id in known:
            raise refuse("client-taken", client=client.id)
        await self._put(session, client.id, content, True, by)
        await self._settle(session)

    async def rotate(self, session: Session, client: str, keys: Mapping[str, Any], by: str) -> None:
        """Other keys for one of the operators' clients: `keys` holds `jwks_url` or `jwks`. Raises CountyError
        on what is wrong with them, `client-of-county` for a client of the county's data, `not-found`.
        """
        content = await self._clients.content(session, client)
        if content is None:
            county, _ = await self._county(session)
            raise refuse("client-of-county" if client in county.clients else "not-found")
        changed = {name: value for name, value in content.items() if name not in KEYS} | dict(keys)
        self._read(changed)
        _, active = await self._county(session)
        await self._put(session, client, changed, active[client], by)

    async def stop(self, session: Session, client: str, by: str, *, active: bool = False) -> None:
        """Give the client no tokens and refuse those that it has, or with `active` end that. Raises
        `not-found`, and `client-stopped-by-county` where the county's data keeps it stopped.
        """
        county, _ = await self._county(session)
        if client not in county.clients:
            raise refuse("not-found")
        _, loaded = await self._counties.newest(session)
        if active and loaded is not None and client in loaded.clients and not loaded.clients[client].active:
            raise refuse("client-stopped-by-county", client=client)
        await self._put(session, client, await self._clients.content(session, client), active, by)
        # Told also where it stands so already: a service that has lost its bars learns them by it.
        await self._access.tell(session, Bar(of_client(EHR, client)), refused=not active)

    async def revoke(self, session: Session, client: str, kind: Kind) -> None:
        """Refuse all tokens that the client has got until now; it may get new ones."""
        bar = Bar(of_issued(kind, client), issued_until=self._clock.now())
        await self._access.tell(session, bar)

    async def _put(
        self, session: Session, client: str, content: Mapping[str, Any] | None, active: bool, by: str
    ) -> None:
        await self._clients.put(session, client, content, active=active, at=self._clock.now(), by=by)

    async def _county(self, session: Session) -> tuple[County, Mapping[str, bool]]:
        """The county with all clients, and those that operators have spoken of, with whether they are
        active."""
        _, loaded = await self._counties.newest(session)
        if loaded is None:
            raise refuse("county-missing")
        registered = await self._clients.registered(session)
        return with_registered(loaded, registered), {one.id: one.active for one in registered}

    async def _settle(self, session: Session) -> None:
        county, _ = await self._county(session)
        await self._access.settle(session, stopped(county, {}))
