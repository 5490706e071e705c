"""What the use cases need of storage and of the world. One `Unit` is one transaction; the edge commits it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

from referral_contracts.fhir.search.bundle import Hit
from service_runtime.events import OutgoingEvent

from outcome_collector.domain.page_access import Link, PageSession, PinState
from outcome_collector.domain.recorded import Recording
from outcome_collector.domain.task import ReferralTasks, Task
from outcome_collector.domain.task_search import Search

Decided = TypeVar("Decided")


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a change or reads: a client of the API, a session of the page, or the platform itself."""

    client: str
    kind: str
    session: str | None = None


PLATFORM = Author("collector", "platform")


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of a Task as it is served; `withheld` where its reader may know the status only."""

    id: str
    version: int
    last_updated: datetime
    document: bytes
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """One audit row: who did what to which resource of which referral."""

    author: Author
    action: Literal["read", "vread", "history", "search", "create", "update", "export", "erase"]
    resource: str
    referral: str
    at: datetime
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a search. `total` counts all pages; it is known where it was asked for, or there is one."""

    tasks: tuple[Task, ...]
    total: int | None
    more: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What `author` decided, all of it. No Task is both new and changed. `write_backs` are versions of
    Task A to bring to their record systems, in the order of versions; `accesses` its audit rows."""

    author: Author
    added: Sequence[Task] = ()
    changed: Sequence[Task] = ()
    events: Sequence[OutgoingEvent] = ()
    write_backs: Sequence[Task] = ()
    accesses: Sequence[Access] = ()


class OneReferral(Protocol):
    """The Tasks of one referral, for changing: nothing is written on what others have changed since."""

    async def lock(self, task: str) -> ReferralTasks | None:
        """All Tasks of the referral that Task `task` belongs to; None where there is no such Task."""
        ...


class Tasks(OneReferral, Protocol):
    """The Tasks, for changing. Locks are taken on all Tasks of a referral, so that a referral has one
    order."""

    async def lock_referrals(self, referrals: Sequence[str]) -> Mapping[str, ReferralTasks]:
        """The Tasks of each of `referrals` that has any."""
        ...

    async def lock_overdue(self, at: datetime) -> Sequence[Task]:
        """Some of the Tasks whose awaited fact was due before `at`; those that somebody changes now are
        left out."""
        ...


class TaskReader(Protocol):
    """The Tasks as they are served."""

    async def current(self, task: str) -> tuple[Task, StoredVersion] | None: ...

    async def tasks_a(self, referrals: Sequence[str]) -> Mapping[str, Task]:
        """Task A of each of `referrals` that has one."""
        ...

    async def version(self, task: str, version: int) -> StoredVersion | None: ...

    async def history(self, task: str) -> Sequence[StoredVersion]:
        """All versions, the newest first."""
        ...

    async def search(self, search: Search, reader: Author, at: datetime) -> Found:
        """A page of the Tasks that `reader` may see; what the permission withholds at `at` finds none."""
        ...


class Announcements(Protocol):
    """Events that were said before."""

    async def again(self, events: Sequence[str]) -> None:
        """Publish events with these ids once more."""
        ...


class AuditTrail(Protocol):
    """Who read what, for good."""

    async def record(self, accesses: Sequence[Access]) -> None: ...


class Revocations(Protocol):
    """Revoked service requests whose reason is still to be read."""

    async def plan(self, referral: str, service_request: str) -> None:
        """Remember once; the dispatcher's loop reads the reason and cancels."""
        ...

    async def done(self, service_request: str) -> None: ...


class Pages(Protocol):
    """Links, PINs and sessions of the provider's page. Only digests of links and sessions are stored."""

    async def add_link(self, link: Link) -> None: ...

    async def link(self, digest: str) -> Link | None: ...

    async def close_links(self, referrals: Sequence[str], at: datetime) -> None:
        """Let the links to these referrals' Tasks end at `at`; one that ends earlier stays as it is."""
        ...

    async def lock_pin(self, provider: str) -> PinState | None: ...

    async def save_pin(self, pin: PinState) -> None: ...

    async def add_session(self, session: PageSession) -> None: ...

    async def session(self, digest: str) -> PageSession | None: ...

    async def end_session(self, session: str) -> None: ...

    async def end_sessions(self, provider: str) -> None:
        """End all sessions of a provider: its PIN has changed."""
        ...

    async def add_contact_attempt(self, task: str, session: str, at: datetime) -> None: ...

    async def contact_attempts(self, task: str) -> Sequence[datetime]:
        """When the client was tried in vain, the earliest first."""
        ...


class OneChange(Protocol):
    """One decision on one referral: `tasks.lock`, then `keep`, each once and nothing else."""

    async def keep(self, decision: Decision) -> None:
        """Write all of `decision`: each new version of a Task is kept beside the earlier ones, events are
        said once the transaction is committed, in their order per key."""
        ...

    @property
    def tasks(self) -> OneReferral: ...


class Unit(OneChange, Protocol):
    """One transaction."""

    @property
    def tasks(self) -> Tasks: ...
    @property
    def reader(self) -> TaskReader: ...
    @property
    def announcements(self) -> Announcements: ...
    @property
    def audit(self) -> AuditTrail: ...
    @property
    def revocations(self) -> Revocations: ...
    @property
    def pages(self) -> Pages: ...


class Units(Protocol):
    """Opens transactions."""

    def write(self) -> AbstractAsyncContextManager[Unit]:
        """A transaction, committed on a clean exit."""
        ...

    def single(self) -> AbstractAsyncContextManager[Unit]:
        """For reading, and writing down who read: each statement is kept by itself."""
        ...

    async def change(self, decide: Callable[[OneChange], Awaitable[Decided]]) -> Decided:
        """What `decide` answers, with what it keeps committed. It is called once more where somebody else
        has changed the referral meanwhile; nothing of the first time is kept then."""
        ...


class PinHasher(Protocol):
    """Slow on purpose; runs beside the event loop."""

    async def hashed(self, pin: str) -> str: ...

    async def matches(self, stored: str, pin: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Revocation:
    """What the referrer said when it revoked: the request's status, a reason code if there was a known one,
    words."""

    status: str
    reason: str | None
    comment: str | None


class RequestUnreadableError(Exception):
    """The gateway did not say why a service request was revoked; the text holds no data."""


class RequestReader(Protocol):
    """The gateway's service requests, read over FHIR."""

    async def revocation(self, service_request: str) -> Revocation:
        """Read the service request at the gateway. Raises RequestUnreadableError while that cannot be
        done."""
        ...


class Includes(Protocol):
    """The gateway's resources that come along with a search of Tasks."""

    async def resources(self, kind: str, ids: Sequence[str], authorization: str) -> Sequence[Hit]:
        """Those of the resources that the bearer of `authorization` may search for. Raises a refusal
        `include-withheld` where it may search for none of that kind, and `include-unavailable` while the
        gateway gives no answer."""
        ...


class RecordingsUnknownError(Exception):
    """The gateway gives no answer now."""


class Recordings(Protocol):
    """What the county has recorded of referrals."""

    async def of(self, referrals: Sequence[str]) -> Mapping[str, Recording]:
        """By referral; those of which there is nothing to record may be missing. Raises
        RecordingsUnknownError."""
        ...


class Neighbour(Protocol):
    """The gateway, read for the provider's page in the provider's name."""

    async def documents(
        self, session: PageSession, service_request: str, referral: str
    ) -> Sequence[Mapping[str, Any]] | None:
        """ServiceRequest, Patient and Consent as the provider may read them now; None once it may not.
        Raises a refusal `unavailable` while the gateway gives no answer."""
        ...

    async def organisation(self, provider: str) -> str:
        """The provider's name; its id while the name cannot be had."""
        ...

    async def reason_words(self) -> Mapping[str, Mapping[str, str]]:
        """The county's reasons by code: language → words. Empty while they cannot be had."""
        ...
