"""The committed conformance resources."""

import json
from pathlib import Path
from typing import Any

RESOURCES = Path(__file__).resolve().parents[2] / "fhir-profiles" / "resources"


def resource(kind: str, name: str) -> dict[str, Any]:
    """One of them, by its type and id."""
    return json.loads((RESOURCES / f"{kind}-{name}.json").read_text())
