"""What the use cases need from outside. Every call that takes a session happens in that session's
transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, Protocol

from service_runtime.events import OutgoingEvent
from sqlalchemy.ext.asyncio import AsyncConnection

from referral_gateway.domain.agreements import Quota
from referral_gateway.domain.cases import CaseKind
from referral_gateway.domain.county import County

Session = AsyncConnection


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one resource, as it is served."""

    type: str
    id: str
    version: int
    body: bytes
    last_updated: datetime
    referral: str | None = None


@dataclass(frozen=True, slots=True)
class NewReferral:
    """A referral as it is accepted; the fields are those of its row."""

    id: str
    client: str
    identifier_system: str
    identifier_value: str
    content_hash: bytes
    pathway: str
    municipality: str | None
    mode: str
    task_a: str | None
    ehr_request: str | None
    test: bool
    protected: bool
    urgent: bool
    return_permitted: bool
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class KnownReferral(NewReferral):
    """A referral as the gateway keeps it."""

    revoked_at: datetime | None
    withdrawn_at: datetime | None
    shown_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewRouting:
    """A routing as it is made; the fields are those of its row."""

    id: str
    referral: str
    number: int
    provider: str
    agreement: str
    quota_key: str | None
    quota_taken: bool
    event: str
    routed_at: datetime
    sweep_at: datetime


@dataclass(frozen=True, slots=True)
class KnownRouting(NewRouting):
    """A routing as the gateway keeps it."""

    revoke_event: str | None
    task: str | None
    task_version: int
    status: str | None
    ended_at: datetime | None
    swept: int


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case as its owner sees it."""

    id: str
    referral: str
    kind: CaseKind
    owner: str
    routing: str | None
    opened_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """A line of the audit: who asked for what, and whether it was given."""

    at: datetime
    client: str
    kind: str
    action: str
    type: str
    resource: str
    outcome: str
    version: int | None = None
    referral: str | None = None
    on_behalf_of: str | None = None
    session: str | None = None


class Vault(Protocol):
    """The documents, with all their versions."""

    async def add(self, session: Session, documents: Sequence[Document]) -> None: ...

    async def newest(self, session: Session, resource_type: str, resource_id: str) -> Document | None: ...

    async def version(
        self, session: Session, resource_type: str, resource_id: str, version: int
    ) -> Document | None: ...

    async def history(self, session: Session, resource_type: str, resource_id: str) -> Sequence[Document]:
        """All versions, newest first."""
        ...

    async def newest_of_type(self, session: Session, resource_type: str) -> Sequence[Document]:
        """The newest version of each document of a type of the directory."""
        ...

    async def keep_evidence(self, session: Session, referral: str, body: bytes, at: datetime) -> None:
        """The bytes exactly as they came in."""
        ...


class Ledger(Protocol):
    """Referrals and their routings."""

    async def claim(self, session: Session, referral: NewReferral) -> bool:
        """Write a new referral; False, and nothing written, where its identity is taken. Waits for a
        transaction that is writing the same identity at this moment.
        """
        ...

    async def identified(
        self, session: Session, client: str, system: str, value: str
    ) -> KnownReferral | None: ...

    async def referral(self, session: Session, referral: str) -> KnownReferral | None: ...

    async def pathways(self, session: Session, referrals: Sequence[str]) -> Mapping[str, str]:
        """The pathway of each referral that is known."""
        ...

    async def lock(self, session: Session, referrals: Sequence[str]) -> Mapping[str, KnownReferral]:
        """The referrals, held against every other writer until the transaction ends."""
        ...

    async def mark(self, session: Session, referral: str, **times: datetime) -> None:
        """Set `revoked_at`, `withdrawn_at`, `shown_at` or `closed_at`."""
        ...

    async def add_routing(self, session: Session, routing: NewRouting) -> None: ...

    async def routings(self, session: Session, referrals: Sequence[str]) -> Sequence[KnownRouting]:
        """All routings of the referrals, by number."""
        ...

    async def overdue(self, session: Session, at: datetime, most: int) -> Sequence[KnownRouting]:
        """Open routings without a Task, or revoked and not ended, whose next look is due; oldest first."""
        ...

    async def change_routings(self, session: Session, changes: Sequence[Mapping[str, Any]]) -> None:
        """Set columns of routings; each change has the same keys, `id` among them."""
        ...


@dataclass(frozen=True, slots=True)
class Acceptance:
    """All that is written when a referral is accepted: the referral, its documents with ServiceRequest B, the
    bytes as they came, the routing, the agreement's number that it counts against, and the event that tells
    of it.
    """

    referral: NewReferral
    documents: Sequence[Document]
    raw: bytes
    routing: NewRouting
    quota: Quota | None
    event: OutgoingEvent
    provenance: Mapping[str, Any] | None = None
    """Among the documents too: which rule decided, for whoever referred."""


class Kept(Enum):
    """What became of an acceptance; nothing was written unless it is NEW."""

    NEW = auto()
    REPEAT = auto()
    """The referral's identity is taken."""
    USED_UP = auto()
    """The agreement has no place left."""


class Acceptances(Protocol):
    """Keeps accepted referrals."""

    async def keep(self, session: Session, acceptance: Acceptance) -> Kept:
        """Write all of it and use one of the agreement's number, or write nothing. Waits for whoever is
        writing the same identity or number at this moment.
        """
        ...


class Quotas(Protocol):
    """The numbers that agreements give, held by conditional statements: never more than the number."""

    async def take(self, session: Session, quota: Quota) -> bool:
        """Use one of the quota; False where none is left, or somebody waits in its line. Once committed, a
        log line is written where this one made it nearly or wholly used up."""
        ...

    async def give_back(self, session: Session, counts: Mapping[str, int]) -> None: ...

    async def used(self, session: Session, keys: Sequence[str]) -> Mapping[str, int]: ...


class Cases(Protocol):
    """What needs a person."""

    async def open(
        self, session: Session, referral: str, kind: CaseKind, at: datetime, routing: str | None = None
    ) -> bool:
        """Open a case; False where one of that kind is open for the referral already."""
        ...

    async def open_kinds(self, session: Session, referrals: Sequence[str]) -> Sequence[tuple[str, CaseKind]]:
        """(referral, kind) of the open cases of those referrals."""
        ...

    async def resolve(self, session: Session, referral: str, kind: CaseKind, at: datetime) -> None:
        """Close what a later fact has settled."""
        ...

    async def listed(self, session: Session, referral: str | None = None) -> Sequence[OpenCase]:
        """The open cases, the one due first before the others."""
        ...


class AuditTrail(Protocol):
    """Who read what."""

    async def write(self, session: Session, readings: Sequence[Reading]) -> None: ...


class Events(Protocol):
    """The outbox."""

    async def add(self, session: Session, events: Sequence[OutgoingEvent]) -> None: ...

    async def republish(self, session: Session, ids: Sequence[str]) -> int: ...


class Counties(Protocol):
    """The county in force, and how it came to be."""

    def current(self) -> County: ...

    def take_over(self, version: int, county: County) -> None:
        """Let `county` be in force in this process, once its snapshot is committed."""
        ...

    async def newest(self, session: Session) -> tuple[int, County | None]:
        """The newest version and what it says; (0, None) before the first load."""
        ...

    async def add(
        self, session: Session, version: int, files: Mapping[str, str], county: County, by: str, at: datetime
    ) -> bool:
        """Keep a snapshot; False where another load has taken this version in the meantime."""
        ...
