"""What the use cases need of the world outside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from service_runtime.delivery.sender import Delivery
from service_runtime.events import OutgoingEvent
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_notifier.domain.endpoints import EndpointAddress
from provider_notifier.domain.notice import Notice
from provider_notifier.domain.plan import Planned


class DirectoryUnreachableError(Exception):
    """The directory gave no usable answer; the text is a constant."""


class LinkUnavailableError(Exception):
    """The collector made no link; the text is a constant."""


class Directory(Protocol):
    """The gateway's directory, over FHIR."""

    async def endpoint(self, endpoint: str) -> EndpointAddress | None:
        """The newest version of one Endpoint, None where there is none. Raises DirectoryUnreachableError."""
        ...

    async def endpoints(self) -> Sequence[EndpointAddress]:
        """All Endpoints. Raises DirectoryUnreachableError."""
        ...


class Links(Protocol):
    """Where addresses of the provider's page come from."""

    async def link(self, task: str) -> str:
        """The address of the page of `task`. Raises LinkUnavailableError."""
        ...


class EndpointBook(Protocol):
    """The addresses that the notifier knows, and those it has yet to read again."""

    async def want(self, session: AsyncConnection, endpoint: str, provider: str, version: int) -> None:
        """Note that `version` exists: nothing is sent to the endpoint until it is known."""
        ...

    async def stale(self, session: AsyncConnection) -> Sequence[str]:
        """The endpoints of which a newer version exists than the one known."""
        ...

    async def learn(self, session: AsyncConnection, address: EndpointAddress) -> None:
        """Keep `address`, unless a newer one is known."""
        ...

    async def forget(self, session: AsyncConnection, endpoint: str) -> None:
        """Note that the directory has no such endpoint (any more): it hears of nothing further."""
        ...

    async def exists(self, session: AsyncConnection, endpoint: str) -> bool:
        """Whether the endpoint is known to exist."""
        ...

    async def of_providers(
        self, session: AsyncConnection, providers: Collection[str]
    ) -> Mapping[str, "ProviderEndpoints"]:
        """The endpoints of each provider of which any are known to exist."""
        ...


@dataclass(frozen=True, slots=True)
class ProviderEndpoints:
    """The addresses known of one provider; `complete` when none that exists has yet to be read."""

    known: Sequence[EndpointAddress]
    complete: bool


class Secrets(Protocol):
    """The signing secrets of endpoints, kept sealed."""

    async def put(self, session: AsyncConnection, endpoint: str, secret: str, now: datetime) -> None:
        """Keep `secret` as the newest; the one before goes on signing beside it for a while."""
        ...


@dataclass(frozen=True, slots=True)
class Stopped:
    """A delivery that was stopped, with how often it had been tried."""

    event: str
    endpoint: str
    notice: Notice
    attempts: int


@dataclass(frozen=True, slots=True)
class Ended(Stopped):
    """A delivery that has ended, and as what."""

    state: str


class Plans(Protocol):
    """Where planned deliveries are written."""

    async def add(self, session: AsyncConnection, planned: Sequence[Planned], now: datetime) -> None:
        """Write them, due now; one that exists already (same event, same endpoint) is left as it is."""
        ...

    async def stop_overtaken(
        self, session: AsyncConnection, cancelled: Planned, now: datetime
    ) -> Sequence[Stopped]:
        """End what waits to tell the endpoint of `cancelled` of earlier events of its referral, and, where
        nothing of the Task was ever sent there, `cancelled` too; answers what was stopped."""
        ...

    async def of_event(self, session: AsyncConnection, event: str) -> Sequence[Ended]:
        """The deliveries of `event` that have ended."""
        ...


class Stops(Protocol):
    """Whether a delivery that was tried before has become pointless in the meantime."""

    async def overtaken(self, delivery: Delivery) -> bool:
        """Whether the same endpoint is to hear later that the permission behind the Task has ended."""
        ...


class Events(Protocol):
    """The outbox."""

    async def add(self, session: AsyncConnection, events: Sequence[OutgoingEvent]) -> None:
        """Have `events` published once this transaction is committed."""
        ...


class Traces(Protocol):
    """What became of a referral's deliveries."""

    async def of_referral(self, session: AsyncConnection, referral: str) -> Sequence[Mapping[str, Any]]:
        """The deliveries of `referral`, oldest first."""
        ...

    async def attempts_of(self, session: AsyncConnection, referral: str) -> Sequence[Mapping[str, Any]]:
        """All attempts on them, oldest first."""
        ...
