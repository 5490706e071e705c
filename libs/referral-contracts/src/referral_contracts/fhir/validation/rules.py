"""Invariants of the table, compiled when their type is first met."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from referral_contracts.fhir.fhirpath import Around, Condition, condition


@dataclass(frozen=True, slots=True)
class Rule:
    """An invariant by its key (`per-1`, `lpa-phone`)."""

    key: str
    holds: Condition

    def kept(self, value: Any, around: Around) -> bool:
        """Whether `value` keeps the rule: only what is plainly true is kept, as the official validator has
        it."""
        return self.holds(value, around) is True


def rules_of(told: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The invariants that a row or a node of the table names."""
    return tuple(Rule(key, condition(expression)) for key, expression in told.get("rules", ()))
