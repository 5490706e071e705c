"""The quick look is only quicker: with it and without it the same is found, in good documents and in spoilt
ones."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from referral_contracts.errors import Issue
from referral_contracts.fhir.validation import PROFILES, SUBMITTED, keeping, validate, walk
from support.spoiling import Resource, spoilt, twisted

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = [
    *sorted((ROOT / "fhir-profiles" / "examples" / "valid").glob("*.json")),
    *sorted((ROOT / "counties" / "kainuu" / "directory").glob("*.json")),
]
TIMES = 150


class _AllInDoubt(dict[str, Any]):
    def __missing__(self, _step: str) -> Any:
        return lambda _value, _scope: False


def documents() -> Iterator[tuple[str, Resource]]:
    for file in EXAMPLES:
        yield file.stem, json.loads(file.read_text())


def found(document: Resource) -> set[tuple[str, tuple[str, ...]]]:
    entries = SUBMITTED if document.get("type") == "transaction" else PROFILES
    profile = PROFILES.get(str(document.get("resourceType")))
    issues: list[Issue] = validate(document, profile, entries=entries)
    return {(issue.slug, issue.expression) for issue in issues}


@pytest.mark.parametrize(
    ("name", "document"), list(documents()), ids=lambda part: part if isinstance(part, str) else ""
)
def test_what_is_found_is_the_same_without_it(
    name: str, document: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(name)
    changed = [document]
    changed += [way(document, dice) for _ in range(TIMES) for way in (spoilt, twisted)]
    quick = [found(one) for one in changed]
    monkeypatch.setattr(walk, "looks_of", lambda _name: _AllInDoubt())
    monkeypatch.setattr(keeping, "kept_look", lambda _profile: lambda *_: False)
    assert [found(one) for one in changed] == quick
    assert not quick[0]
    assert any(quick)
