"""One fault, or one harmless change, at a time: what the official validator takes we take, and no more.

CONFORMANCE_SEED chooses other mutants than the usual ones; CONFORMANCE_MUTANTS how many of each kind an
element gets. Only the usual ones are written into `docs/conformance.md`.
"""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from support.comparison import Comparison, Judged, write
from support.disagreements import listed
from support.mutants import KINDS, Cell, cells, mutants
from support.oracle import Oracle, Question, Verdict
from support.our_verdicts import issues_of_resource

USUAL = (1, 12)
SEED = int(os.environ.get("CONFORMANCE_SEED", USUAL[0]))
EACH = int(os.environ.get("CONFORMANCE_MUTANTS", USUAL[1]))
MOST_FALSE_REJECTS = 0.01
LEAST_VALID = 0.4
LEAST = 5_000


@pytest.fixture(scope="module")
def comparison(oracle: Oracle) -> Comparison:
    """All mutants, judged by both."""
    print(f"\nCONFORMANCE_SEED={SEED} CONFORMANCE_MUTANTS={EACH}")
    result, known = Comparison(), listed()
    with ThreadPoolExecutor(1) as aside:  # the next mutants are made while the validator works
        asked: list[tuple[Cell, list[dict[str, Any]], Future[list[Verdict]]]] = []
        for cell in cells():
            made = mutants(cell, EACH, SEED)
            questions = [Question(one, cell.profile) for one in made]
            asked.append((cell, made, aside.submit(oracle.verdicts, questions)))
        for cell, made, answered in asked:
            for mutant, verdict in zip(made, answered.result(), strict=True):
                result.add(Judged(cell, mutant, verdict, issues_of_resource(mutant, cell.profile)), known)
    if (SEED, EACH) == USUAL:
        write(result, known, SEED)
    return result


def test_enough_was_tried_and_enough_of_it_was_sound(comparison: Comparison) -> None:
    if USUAL[1] == EACH:
        assert len(comparison.judged) >= LEAST
    assert comparison.share_valid() >= LEAST_VALID


def test_no_difference_is_without_a_reason(comparison: Comparison) -> None:
    told = [
        f"{one.cell}: oracle {one.verdict.faults}, ours {[(i.slug, i.expression) for i in one.issues]}"
        for one in comparison.unlisted
    ]
    assert told == []


@pytest.mark.parametrize("kind", KINDS)
def test_we_refuse_next_to_nothing_that_is_sound(comparison: Comparison, kind: str) -> None:
    sound = [one for one in comparison.judged if one.cell.kind == kind and one.verdict.valid]
    assert sum(one.false_reject for one in sound) <= MOST_FALSE_REJECTS * len(sound)
