"""A query as it was understood."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from referral_contracts.fhir.search.dates import DateValue
from referral_contracts.fhir.search.definitions import Include, Parameter

Summary = Literal["true", "text", "data", "count", "false"]
Order = Literal["_lastUpdated", "_id"]

MOST = 100
USUAL = 50


@dataclass(frozen=True, slots=True)
class Token:
    """`code`, `system|code`, `|code` (system "") or `system|` (code None). No system is any system."""

    system: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Reference:
    """`Type/id`, an absolute address, or, with `:identifier`, a logical reference."""

    text: str = ""
    identifier: Token | None = None


Value = Token | Reference | DateValue


@dataclass(frozen=True, slots=True)
class Condition:
    """One of `values` must hold for `parameter`."""

    parameter: Parameter
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the page before ended, by the order of the results."""

    last_updated: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Query:
    """All conditions hold together. `used` are the parameters that count, as they were given, `ignored` the
    names that were not understood; `secret` says that a value must not stand in an address."""

    type: str
    conditions: tuple[Condition, ...] = ()
    count: int = USUAL
    order: Order = "_lastUpdated"
    descending: bool = False
    cursor: Cursor | None = None
    summary: Summary = "false"
    counted: bool = False
    includes: tuple[Include, ...] = ()
    revincludes: tuple[Include, ...] = ()
    used: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    secret: bool = False

    @property
    def wants_total(self) -> bool:
        return self.counted or self.summary == "count"
