"""What a demo plays: its cases, who is in them, and the county whose rules decide."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lahetti.demo.case_run import Case

Channel = Literal["webhook", "email"]


@dataclass(frozen=True)
class DemoClient:
    """An EHR of the demo; `base` is its own FHIR server's, None where it polls."""

    id: str
    base: str | None


@dataclass(frozen=True)
class Actor:
    """A provider that plays. `endpoint` is the id of its address, `mail` that address where it has email."""

    provider: str
    channel: Channel
    endpoint: str
    mail: str | None = None


@dataclass(frozen=True)
class Story:
    """`files` makes the county's files from the addresses by endpoint, and from the EHRs.

    `county` is the county's id. `ehrs` keep Tasks of their own, `polling` reads its Task here.
    """

    county: str
    cases: Sequence[Case]
    actors: Sequence[Actor]
    files: Callable[[Mapping[str, str], Sequence[DemoClient]], dict[str, str]]
    ehrs: Sequence[str] = ("write",)
    polling: str = "poll"
