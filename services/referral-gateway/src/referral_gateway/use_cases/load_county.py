"""Load a county's folder: put its directory, agreements and pathways in force."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from referral_contracts.errors import refuse
from referral_contracts.events import EndpointChanged, ProviderChanged
from referral_contracts.topics import DIRECTORY
from service_runtime.clock import Clock
from service_runtime.events import OutgoingEvent

from referral_gateway.domain.county import County, CountyError, CountyProblem, DirectoryItem
from referral_gateway.domain.documents import stamped
from referral_gateway.domain.registered_clients import Registered, stopped, with_registered
from referral_gateway.domain.versions import version_problems
from referral_gateway.ports import Counties, Document, Events, Session, Vault
from referral_gateway.use_cases.bar_access import BarAccess
from referral_gateway.use_cases.manage_clients import Clients
from referral_gateway.use_cases.tell import tell

_TYPES = ("Organization", "HealthcareService", "Endpoint")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load changed, as `type/id`; `county` is in force once the transaction is committed."""

    county: County
    version: int
    added: Sequence[str] = ()
    changed: Sequence[str] = ()
    removed: Sequence[str] = ()
    unchanged: int = 0


@dataclass(slots=True)
class _Changes:
    """New versions to write, and whom they are about."""

    documents: list[Document] = field(default_factory=list[Document])
    providers: set[str] = field(default_factory=set[str])
    endpoints: dict[str, str] = field(default_factory=dict[str, str])
    """Provider by endpoint."""


class LoadCounty:
    """Rule: a folder is loaded whole or not at all; the same folder again changes nothing and tells nobody
    (D18).

    Writes a snapshot of the files, the next version of each directory resource that changed (what is gone
    from the folder becomes inactive, since referrals still point to it), and `provider.changed` and
    `endpoint.changed`; and bars with `access.changed` for clients that are not active or gone.
    """

    def __init__(
        self,
        *,
        counties: Counties,
        read: Callable[[Mapping[str, str]], County],
        clients: Clients,
        access: BarAccess,
        vault: Vault,
        events: Events,
        clock: Clock,
    ) -> None:
        self._counties = counties
        self._read = read
        self._clients = clients
        self._access = access
        self._vault = vault
        self._events = events
        self._clock = clock

    async def __call__(self, session: Session, files: Mapping[str, str], by: str) -> Loaded:
        """Raises CountyError with every problem of the folder, and `version-conflict` where two load at
        once.
        """
        county, now = self._read(files), self._clock.now()
        registered = await self._clients.registered(session)
        _refuse_taken(county, registered)
        version, before = await self._counties.newest(session)
        known = before.items if before else {}
        if before is not None and before.digest == county.digest:
            return Loaded(before, version, unchanged=len(known))
        if unversioned := list(version_problems(before, county)):
            raise CountyError(tuple(unversioned))
        if not await self._counties.add(session, version + 1, files, county, by, now):
            raise refuse("version-conflict")
        changes = await self._changes(session, county, known, now)
        if changes.documents:
            await self._vault.add(session, changes.documents)
        await self._events.add(session, await self._told(session, changes))
        former = before.clients if before else {}
        await self._access.settle(session, stopped(with_registered(county, registered), former))
        return _report(county, version + 1, known)

    async def _changes(
        self, session: Session, county: County, known: Mapping[str, str], now: datetime
    ) -> _Changes:
        changes = _Changes()
        kept = {
            (document.type, document.id): document
            for name in _TYPES
            for document in await self._vault.newest_of_type(session, name)
        }
        for item in county.directory:
            document = kept.pop((item.type, item.id), None)
            if document is None or known.get(f"{item.type}/{item.id}") != item.digest:
                _note(changes, item.type, item.id, item.provider)
                changes.documents.append(_next(item, document, now))
        for document in kept.values():
            self._retire(changes, document, now)
        return changes

    def _retire(self, changes: _Changes, document: Document, now: datetime) -> None:
        """What is no longer in the folder: inactive, once."""
        resource = orjson.loads(document.body)
        gone = {"status": "off"} if document.type == "Endpoint" else {"active": False}
        if gone.items() <= resource.items():
            return
        _note(changes, document.type, document.id, _provider_of(resource))
        version = document.version + 1
        body = orjson.dumps(stamped({**resource, **gone}, document.id, version, now))
        changes.documents.append(Document(document.type, document.id, version, body, now))

    async def _told(self, session: Session, changes: _Changes) -> list[OutgoingEvent]:
        versions = {(one.type, one.id): one.version for one in changes.documents}
        told: list[OutgoingEvent] = []
        for provider in sorted(changes.providers):
            version = versions.get(("Organization", provider))
            if version is None:
                kept = await self._vault.newest(session, "Organization", provider)
                version = kept.version if kept else 0
            told.append(tell(provider, ProviderChanged(provider=provider, version=version), topic=DIRECTORY))
        for endpoint, provider in sorted(changes.endpoints.items()):
            body = EndpointChanged(
                endpoint=endpoint, provider=provider, version=versions["Endpoint", endpoint]
            )
            told.append(tell(provider, body, topic=DIRECTORY))
        return told


def _refuse_taken(county: County, registered: Sequence[Registered]) -> None:
    taken = sorted(one.id for one in registered if one.client is not None and one.id in county.clients)
    if taken:
        raise CountyError(
            tuple(
                CountyProblem(
                    "clients.yaml",
                    client,
                    "A client of this id was added by `lahetti clients add`.",
                    "Leave it out here, or give this one another id.",
                )
                for client in taken
            )
        )


def _note(changes: _Changes, resource_type: str, resource_id: str, provider: str) -> None:
    if resource_type == "Endpoint":
        changes.endpoints[resource_id] = provider
    else:
        changes.providers.add(provider)


def _next(item: DirectoryItem, before: Document | None, now: datetime) -> Document:
    version = before.version + 1 if before else 1
    body = orjson.dumps(stamped(item.resource, item.id, version, now))
    return Document(item.type, item.id, version, body, now)


def _provider_of(resource: Mapping[str, Any]) -> str:
    if resource["resourceType"] == "Organization":
        return resource["id"]
    owner = resource.get("providedBy") or resource.get("managingOrganization") or {}
    return owner.get("reference", "").rpartition("/")[2]


def _report(county: County, version: int, known: Mapping[str, str]) -> Loaded:
    items = county.items
    return Loaded(
        county,
        version,
        added=sorted(items.keys() - known.keys()),
        changed=sorted(name for name in items.keys() & known.keys() if items[name] != known[name]),
        removed=sorted(known.keys() - items.keys()),
        unchanged=sum(items[name] == known[name] for name in items.keys() & known.keys()),
    )
