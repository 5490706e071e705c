"""What validation costs, apart from everything around it: processor time of one Bundle of four resources."""

import json
import time
from collections.abc import Callable
from pathlib import Path

from fhir.resources.R4B.bundle import Bundle
from figures import Report
from referral_contracts.fhir.validation import SUBMITTED, validate

_ROOT = Path(__file__).resolve().parents[2]
_EXAMPLE = _ROOT / "fhir-profiles" / "examples" / "valid" / "adult-exercise-referral.json"
_RESOURCES = 4


def validation(report: Report, rounds: int) -> None:
    """R4 and our profiles, R4 alone, and the models of `fhir.resources` alone, in turn, `rounds` times; of
    each the best round's mean, in milliseconds of processor time."""
    bundle = json.loads(_EXAMPLE.read_text())
    bundle["entry"] = bundle["entry"][:_RESOURCES]
    ways: dict[str, Callable[[], object]] = {
        "profiles_ms": lambda: validate(bundle, resource_type="Bundle", entries=SUBMITTED),
        "r4_alone_ms": lambda: validate(bundle, resource_type="Bundle"),
        "fhir_resources_ms": lambda: Bundle.model_validate(bundle),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            taken[name].append(_mean(way))
    best = {name: round(min(values), 3) for name, values in taken.items()}
    report.number("validation, four resources", **best, rounds=rounds)
    report.bar("validation", best["profiles_ms"] <= 1.0, "<= 1.0 ms")


def _mean(way: Callable[[], object], times: int = 100) -> float:
    """Milliseconds of processor time of one call, the mean of so many."""
    started = time.process_time()
    for _ in range(times):
        way()
    return (time.process_time() - started) / times * 1000
