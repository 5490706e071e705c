"""What `lahetti agreements` prints."""

import json
from collections.abc import Callable
from typing import Any

from support.command_line import FakeInstallation, installation, lahetti

__all__ = ["installation", "lahetti"]


def test_agreements_are_listed_for_people_and_as_a_json_object_a_line(
    installation: FakeInstallation, lahetti: Callable[..., Any]
) -> None:
    row = {"agreement": "exercise", "pathway": "exercise", "provider": "kotka", "state": "warning"} | {
        "municipalities": ["075", "285"], "valid_from": "2023-09-01", "valid_until": None, "period": "year",
        "number": 10, "used": 8, "left": 2, "shared": True, "waiting": 0,
    }  # fmt: skip
    installation.answers["/gateway/agreements"] = (200, {"agreements": [row]})
    code, out, _ = lahetti("agreements")
    assert code == 0
    shown = "exercise exercise kotka 075 285 2023-09-01.. year 10 shared 8 2 0 warning"
    assert out.splitlines()[1].split() == shown.split()
    code, out, _ = lahetti("agreements", "--json")
    assert [json.loads(line) for line in out.splitlines()] == [row]
