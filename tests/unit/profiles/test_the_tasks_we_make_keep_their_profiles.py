"""Tasks as the collector makes them, beside their profiles: what must be there is there, with the codes that
the profile fixes. The invariants have a test of their own."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from outcome_collector.domain.task_documents import stop_task, task_a, task_b
from support.clocks import StandingClock
from support.collector import routing

RESOURCES = Path(__file__).resolve().parents[3] / "fhir-profiles" / "resources"
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROUTED = routing(StandingClock(AT))
B = task_b(ROUTED, "task-b", AT)
MADE = {
    "Task A": ("lahetti-task", task_a(ROUTED, "kymenlaakso", AT)),
    "Task B": ("lahetti-task", B),
    "a wish to stop": (
        "lahetti-abort-task",
        stop_task(B, "task-stop", "no-longer-needed", AT, "Muutti pois."),
    ),
}


def found(document: Any, element: str) -> list[Any]:
    """The values at an element's path; empty where there is none."""
    values = [document]
    for step in element.split(".")[1:]:
        values = [value[step] for value in values if isinstance(value, dict) and step in value]
        values = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return values


@pytest.mark.parametrize("name", MADE)
def test_a_task_has_what_its_profile_asks(name: str) -> None:
    profile, document = MADE[name]
    structure = json.loads((RESOURCES / f"StructureDefinition-{profile}.json").read_text())
    asked = {one["id"] for one in structure["differential"]["element"] if ":" not in one["id"]}
    for element in structure["snapshot"]["element"]:
        parent = element["id"].rpartition(".")[0]
        if element["id"] not in asked or not parent or not found(document, parent):
            continue
        values = found(document, element["id"])
        assert len(values) >= element["min"], element["id"]
        assert element["max"] == "*" or len(values) <= int(element["max"]), element["id"]
        if "fixedCode" in element or "patternCode" in element:
            assert values == [element.get("fixedCode", element.get("patternCode"))]
        for coding in element.get("patternCodeableConcept", {}).get("coding", ()):
            assert coding in values[0]["coding"]
