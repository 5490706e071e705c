"""Requests as the neighbouring guides shape them, and what the guide says is answered to each."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
from support.examples import EXAMPLES, ROOT

CASES = sorted((EXAMPLES / "neighbours").glob("*.json"))
GUIDE = ROOT / "docs" / "guides" / "from-gravity-and-physical-activity.md"
_BEGIN, _END = "<!-- answers -->\n", "<!-- end -->"
_HEAD = ("| request | status | code | slug | expression |", "|---|---|---|---|---|")


def told() -> list[str]:
    """The table of answers as the guide has it, without its head."""
    text = GUIDE.read_text().partition(_BEGIN)[2].partition(_END)[0]
    lines = text.splitlines()
    assert tuple(lines[:2]) == _HEAD, "the guide's table has another head"
    return lines[2:]


def lines_of(case: Path, answer: httpx.Response) -> Iterator[str]:
    """The lines that the table needs for this answer: one an issue, one alone where there is none."""
    link = f"[{case.stem}](../../{case.relative_to(ROOT).as_posix()})"
    body: Mapping[str, Any] = answer.json()
    issues = body["issue"] if body["resourceType"] == "OperationOutcome" else []
    if not issues:
        yield f"| {link} | {answer.status_code} | | | |"
    for number, issue in enumerate(issues):
        first = f"{link} | {answer.status_code}" if number == 0 else " |"
        slug = issue["details"]["coding"][0]["code"]
        yield f"| {first} | `{issue['code']}` | `{slug}` | `{issue['expression'][0]}` |"
