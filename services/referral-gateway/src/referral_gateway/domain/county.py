"""A county as loaded: who is in it, what was agreed, and which addresses take referrals. Plain data, checked
when read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from referral_gateway.domain.agreements import WAITING_DAYS, Agreement
from referral_gateway.domain.client_access import ClientAccess
from referral_gateway.domain.pathways import Pathway
from referral_gateway.domain.texts import Texts


@dataclass(frozen=True, slots=True)
class CountyProblem:
    """One thing that is wrong in a county's folder, said to the person who keeps it."""

    file: str
    place: str
    """A path inside the file, such as `parties[2].provider`; empty for the whole file."""
    problem: str
    remedy: str
    line: int | None = None
    """From 1, where the reader knows it."""

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line, self.place) if part)
        return f"{where}: {self.problem} {self.remedy}"


class CountyError(Exception):
    """The folder was refused; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: tuple[CountyProblem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Counterpart:
    """Whom to ask at a provider (D21)."""

    name: str
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """An organisation that receives referrals. `kind` is a code of the provider-kind system."""

    id: str
    name: str
    kind: str
    active: bool = True
    able_to_serve_protected: bool = False
    """May receive referrals of persons under turvakielto."""
    counterparts: tuple[Counterpart, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A HealthcareService of a provider; what an agreement's party offers."""

    id: str
    provider: str
    pathways: frozenset[str]
    active: bool = True
    kinds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """What it is: codings of the service-type system by their code, to which a county's rules lead."""
    room: bool = True
    """Whether it takes referrals now, as its capacity signal says."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address of a provider. Endpoints labelled HTEST take test referrals, and only those."""

    id: str
    provider: str
    active: bool = True
    test: bool = False


@dataclass(frozen=True, slots=True)
class EhrClient:
    """A patient record system. Its own Tasks and ServiceRequests must lie under `base` (no trailing
    slash)."""

    id: str
    name: str
    mode: Literal["write", "poll"]
    base: str | None = None
    access: ClientAccess | None = None
    """None for a client that gets its tokens by hand."""
    active: bool = True
    """A client that is not gets no token any more."""

    def owns(self, url: str) -> bool:
        """Whether the absolute `url` lies under this client's registered base."""
        return self.base is not None and url.startswith(f"{self.base}/")


@dataclass(frozen=True, slots=True)
class DirectoryItem:
    """One FHIR resource of the directory, as it is served; `digest` changes only with its content."""

    type: Literal["Organization", "HealthcareService", "Endpoint"]
    id: str
    provider: str
    resource: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, slots=True)
class County:
    """Everything that a county's folder says. Mappings are by id, municipalities by code."""

    id: str
    names: Texts
    municipalities: Mapping[str, Texts]
    providers: Mapping[str, Provider]
    services: Mapping[str, Service]
    endpoints: Mapping[str, Endpoint]
    pathways: Mapping[str, Pathway]
    agreements: Mapping[str, Agreement]
    clients: Mapping[str, EhrClient]
    directory: tuple[DirectoryItem, ...]
    """Organizations before services before endpoints, each by id."""
    digest: str
    """Over the whole folder: equal for two loads of the same content."""
    waiting_days: int = WAITING_DAYS
    """After how many days in a line a person is told, where the agreement says nothing else."""
    items: Mapping[str, str] = field(default_factory=dict[str, str])
    """Digest of each item by `type/id`, so that a report can say what a load changed."""
