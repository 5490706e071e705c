"""Kinds of cases: who owns one, by when it should be looked at, and what its owner may do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

CaseKind = Literal[
    "no-candidate",
    "protected-person",
    "wrong-referral",
    "other-reason",
    "permission-ended",
    "long-wait",
    "delivery-exhausted",
    "delivery-stalled",
    "write-back-exhausted",
    "task-stranded",
]


@dataclass(frozen=True, slots=True)
class CaseRule:
    """`owner` is a role of the county's people, `within` how soon it should be looked at, `acts` what they
    may do."""

    owner: str
    within: timedelta
    acts: tuple[str, ...]


CASES: dict[CaseKind, CaseRule] = {
    "no-candidate": CaseRule(
        "referral-coordinator", timedelta(days=1), ("call-referrer", "call-client", "close")
    ),
    "protected-person": CaseRule(
        "referral-coordinator", timedelta(hours=8), ("call-referrer", "refer-anew", "close")
    ),
    "wrong-referral": CaseRule(
        "referral-coordinator", timedelta(days=2), ("call-referrer", "refer-anew", "close")
    ),
    "other-reason": CaseRule(
        "referral-coordinator", timedelta(days=2), ("call-provider", "call-referrer", "refer-anew", "close")
    ),
    "permission-ended": CaseRule(
        "referral-coordinator", timedelta(days=1), ("call-client", "call-referrer", "refer-anew", "close")
    ),
    "long-wait": CaseRule(
        "referral-coordinator", timedelta(days=2), ("call-provider", "call-client", "call-referrer", "close")
    ),
    "delivery-exhausted": CaseRule(
        "provider-support", timedelta(hours=4), ("call-provider", "mend-endpoint", "replay", "close")
    ),
    "delivery-stalled": CaseRule(
        "integration-support", timedelta(hours=1), ("look-at-trace", "call-provider", "close")
    ),
    "write-back-exhausted": CaseRule(
        "integration-support", timedelta(hours=8), ("call-ehr", "replay", "close")
    ),
    "task-stranded": CaseRule(
        "integration-support", timedelta(hours=1), ("look-at-trace", "replay", "close")
    ),
}
"""Where a referral needs a person (architecture, "cases"). The number of hours is ours."""


def due(kind: CaseKind, opened_at: datetime) -> datetime:
    """By when a case of `kind` opened at `opened_at` should be looked at."""
    return opened_at + CASES[kind].within
