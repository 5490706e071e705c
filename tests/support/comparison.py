"""Both validators on the same mutants, counted for each element and kind of mutant, and written down."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from referral_contracts.errors import Issue
from support.disagreements import Listed, reasons
from support.examples import ROOT
from support.mutants import KINDS, Cell
from support.oracle import Verdict

REPORT = ROOT / "docs" / "conformance.md"
_MARK = "<!-- Below this line `make conformance` writes; do not edit. -->\n"


@dataclass(frozen=True, slots=True)
class Judged:
    """A mutant and what both say of it."""

    cell: Cell
    mutant: Mapping[str, Any]
    verdict: Verdict
    issues: Sequence[Issue]

    @property
    def false_accept(self) -> bool:
        return not self.verdict.valid and not self.issues

    @property
    def false_reject(self) -> bool:
        return self.verdict.valid and bool(self.issues)


@dataclass(slots=True)
class Comparison:
    """What came of all mutants. `unlisted` are the differences that have no reason."""

    judged: list[Judged] = field(default_factory=list[Judged])
    by_reason: Counter[str] = field(default_factory=Counter[str])
    unlisted: list[Judged] = field(default_factory=list[Judged])

    def add(self, one: Judged, known: Sequence[Listed]) -> None:
        """Count one."""
        self.judged.append(one)
        names = reasons(one.mutant, one.verdict, one.issues, known)
        if names is None:
            self.unlisted.append(one)
        else:
            self.by_reason.update(names)

    def share_valid(self) -> float:
        """How many of the mutants the official validator takes, of 1."""
        return sum(one.verdict.valid for one in self.judged) / len(self.judged)


def write(comparison: Comparison, known: Sequence[Listed], number: int) -> None:
    """Put the tables under what is written by hand in `docs/conformance.md`."""
    by_hand = REPORT.read_text().partition(_MARK)[0]
    REPORT.write_text(by_hand + _MARK + "\n".join(_lines(comparison, known, number)) + "\n")


def _lines(comparison: Comparison, known: Sequence[Listed], number: int) -> Iterator[str]:
    judged = comparison.judged
    yield from ("", "## The last run", "")
    yield (
        f"{len(judged)} mutants with seed {number}; the official validator takes"
        f" {comparison.share_valid():.0%} of them."
    )
    yield from ("", "| kind | mutants | valid | false accepts | false rejects |", "|---|---|---|---|---|")
    for kind in KINDS:
        yield f"| {kind} | {_figures([one for one in judged if one.cell.kind == kind])} |"
    yield from ("", "## Differences and their reasons", "")
    yield from ("| difference | who refuses | mutants | reason |", "|---|---|---|---|")
    for one in known:
        who = "only the official validator" if one.side == "oracle" else "only we"
        yield f"| {one.name} | {who} | {comparison.by_reason[one.name]} | {one.reason} |"
    yield from ("", "## By element", "")
    yield "Mutants of each kind; where the validators differ, +n taken by us alone, -n refused by us alone."
    yield from ("", f"| profile | element | {' | '.join(KINDS)} |", f"|---|---|{'---|' * len(KINDS)}")
    cells: dict[Cell, list[Judged]] = {}
    for one in judged:
        cells.setdefault(one.cell, []).append(one)
    for profile, element in dict.fromkeys((cell.profile, cell.element) for cell in cells):
        columns = [_short(cells.get(Cell(profile, element, kind), [])) for kind in KINDS]
        yield f"| {profile.removeprefix('lahetti-')} | `{element}` | {' | '.join(columns)} |"


def _figures(judged: Sequence[Judged]) -> str:
    valid = sum(one.verdict.valid for one in judged)
    accepts = sum(one.false_accept for one in judged)
    rejects = sum(one.false_reject for one in judged)
    return f"{len(judged)} | {valid} | {accepts} | {rejects}"


def _short(judged: Sequence[Judged]) -> str:
    accepts = sum(one.false_accept for one in judged)
    rejects = sum(one.false_reject for one in judged)
    parts = [str(len(judged) or ""), f"+{accepts}" if accepts else "", f"-{rejects}" if rejects else ""]
    return " ".join(part for part in parts if part)
