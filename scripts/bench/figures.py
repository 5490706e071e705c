"""How figures are counted and said: all raw values are kept; percentiles are of values, not of buckets."""

import json
import math
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("fastapi", "uvicorn", "sqlalchemy", "asyncpg", "kafka-python", "aiohttp", "fhir.resources")


@dataclass
class Report:
    """Prints each figure as a line for people or, with `as_json`, as one JSON object a line."""

    as_json: bool
    raw_folder: Path
    missed: list[str] = field(default_factory=list)

    def machine(self, engines: dict[str, str]) -> None:
        facts = {
            "figure": "machine",
            "cores": os.cpu_count(),
            "cpu": _cpu(),
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
            "system": platform.platform(),
            "python": platform.python_version(),
            **engines,
            **{name: version(name) for name in PACKAGES},
            "commit": _commit(),
        }
        self._say(facts, "  ".join(f"{key} {value}" for key, value in facts.items() if key != "figure"))

    def latencies(self, figure: str, milliseconds: Sequence[float], **facts: Any) -> dict[str, Any]:
        """Count, p50/p95/p99 and largest of `milliseconds`; raw values go to a file named by the figure."""
        values = sorted(milliseconds)
        row = {
            "figure": figure,
            **facts,
            "count": len(values),
            "p50_ms": percentile(values, 50),
            "p95_ms": percentile(values, 95),
            "p99_ms": percentile(values, 99),
            "max_ms": round(values[-1], 1) if values else None,
        }
        self.raw_folder.mkdir(parents=True, exist_ok=True)
        name = figure.replace(" ", "-").replace("/", "-")
        (self.raw_folder / f"{name}.json").write_text(json.dumps([round(v, 2) for v in milliseconds]))
        self._say(row, self._line(row))
        return row

    def number(self, figure: str, **facts: Any) -> None:
        row = {"figure": figure, **facts}
        self._say(row, self._line(row))

    def bar(self, figure: str, reached: bool, wanted: str) -> None:
        """Says whether a bar was reached; a missed one is reported with its profile, it fails nothing."""
        if not reached:
            self.missed.append(figure)
        self._say(
            {"figure": figure, "bar": wanted, "reached": reached},
            f"  bar {wanted}: {'reached' if reached else 'MISSED'}",
        )

    def _say(self, row: dict[str, Any], line: str) -> None:
        print(json.dumps(row) if self.as_json else line, flush=True)

    @staticmethod
    def _line(row: dict[str, Any]) -> str:
        rest = "  ".join(f"{key} {value}" for key, value in row.items() if key != "figure")
        return f"{row['figure']:<34} {rest}"


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """The nearest-rank percentile of values in ascending order, in their unit, to one decimal."""
    if not ordered:
        return None
    rank = max(1, math.ceil(len(ordered) * percent / 100))
    return round(ordered[rank - 1], 1)


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def _commit() -> str:
    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return asked.stdout.strip() or "none"
