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


def test_one_agreement_may_be_asked_for(installation: FakeInstallation, lahetti: Callable[..., Any]) -> None:
    rows = [{"agreement": name, "state": "ok"} for name in ("exercise", "lifestyle")]
    installation.answers["/gateway/agreements"] = (200, {"agreements": rows})
    code, out, _ = lahetti("agreements", "lifestyle", "--json")
    assert (code, [json.loads(line)["agreement"] for line in out.splitlines()]) == (0, ["lifestyle"])


def test_the_history_tells_each_change_in_a_line(
    installation: FakeInstallation, lahetti: Callable[..., Any]
) -> None:
    differences = [
        {"place": "number.most", "was": 10, "is": 12},
        {"place": "parties[kotka/kotka-neuvonta].municipalities", "was": ["285"], "is": ["285", "075"]},
        {"place": "valid.until", "was": "2026-12-31", "is": None},
    ]
    row = {"at": "2026-03-02T10:00:00Z", "by": "coordinator", "version": 3, "agreement": "exercise"} | {
        "change": "changed", "digest": "d", "differences": differences, "was": {}, "is": {},
    }  # fmt: skip
    installation.answers["/gateway/agreements/history"] = (200, {"changes": [row]})
    code, out, _ = lahetti("agreements", "exercise", "--history")
    assert code == 0
    assert out.splitlines()[1].endswith(
        "number.most: 10 -> 12; parties[kotka/kotka-neuvonta].municipalities: 285 -> 285 075;"
        " valid.until: 2026-12-31 -> (none)"
    )
    code, out, _ = lahetti("agreements", "--history", "--json")
    assert [json.loads(line) for line in out.splitlines()] == [row]


def test_the_history_of_an_agreement_that_never_was_fails(
    installation: FakeInstallation, lahetti: Callable[..., Any]
) -> None:
    said = {"issue": [{"details": {"text": "There is no such thing."}}]}
    installation.answers["/gateway/agreements/history"] = (404, said)
    code, out, err = lahetti("agreements", "nowhere", "--history")
    assert (code, out) == (1, "")
    assert "There is no such thing." in err
