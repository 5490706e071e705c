"""Where our validator and the official one differ, and may: each with its reason, and none without."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from referral_contracts.errors import Issue
from support.examples import ROOT
from support.oracle import Verdict

LISTED = ROOT / "tests" / "conformance" / "disagreements.json"


@dataclass(frozen=True, slots=True)
class Listed:
    """A difference that is known. `side` is who refuses: `oracle` or `ours`; `says` is a pattern of what the
    refusing side says (the validator's text; our slug and place)."""

    name: str
    side: str
    says: str
    reason: str


def listed() -> list[Listed]:
    """All that are known."""
    return [Listed(**one) for one in json.loads(LISTED.read_text())]


def reasons(verdict: Verdict, issues: Sequence[Issue], known: Sequence[Listed]) -> set[str] | None:
    """The names of the listed reasons for which the two differ: empty where they agree, None where something
    that one of them refuses stands in no list."""
    if verdict.valid == (not issues):
        return set()
    side = "ours" if verdict.valid else "oracle"
    names: set[str] = set()
    for said in _said(verdict, issues):
        fitting = [one.name for one in known if one.side == side and re.search(one.says, said)]
        if not fitting:
            return None
        names.add(fitting[0])
    return names


def _said(verdict: Verdict, issues: Sequence[Issue]) -> Iterator[str]:
    yield from (f"{place}: {text}" for place, text in verdict.faults)
    yield from (f"{issue.slug} {' '.join(issue.expression)}" for issue in issues)
