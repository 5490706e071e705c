"""Our compiled FHIRPath against fhirpathpy, an engine that is not ours: every invariant of the table, on good
resources and on spoilt ones."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhirpathpy import evaluate
from fhirpathpy.models import models
from referral_contracts.fhir import table
from referral_contracts.fhir.fhirpath import Around, NotSupportedError, compiled, condition
from support.spoiling import spoilt

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = sorted((ROOT / "fhir-profiles" / "examples" / "valid").glob("*.json"))
DIRECTORIES = sorted((ROOT / "counties").glob("*/directory/*.json"))
TABLE = dict(
    json.loads(line) for line in Path(str(table.__file__)).with_name("table.jsonl").read_text().splitlines()
)
Resource = dict[str, Any]

NOT_THEIRS = {"bdl-8", "bdl-10", "per-1"}
"""fhirpathpy has no hasValue() (bdl-10, per-1; their own tests are with the validator's); and `contains` of a
text that is missing (bdl-8) is false with us, as with the official validator, and nothing with fhirpathpy."""


def rules_in(told: Any) -> Iterator[tuple[str, str]]:
    """Every invariant below `told`."""
    if isinstance(told, dict):
        for name, content in told.items():
            if name == "rules" and isinstance(content, list):
                yield from ((key, expression) for key, expression in content)
            else:
                yield from rules_in(content)


def resources() -> Iterator[Resource]:
    for file in [*EXAMPLES, *DIRECTORIES]:
        document = json.loads(file.read_text())
        yield from (e["resource"] for e in document["entry"]) if "entry" in document else [document]
    for file in EXAMPLES[:3]:
        yield json.loads(file.read_text())


def typed(value: Resource, name: str) -> Iterator[tuple[str, Resource]]:
    """(name of the type, value) of a resource and of every object in it."""
    yield name, value
    for step, content in value.items():
        told = TABLE[name]["elements"].get(step)
        for one in (content if isinstance(content, list) else [content]) if told else ():
            if isinstance(one, dict):
                kind = one["resourceType"] if told["type"] == "Resource" else told["type"]
                yield from typed(one, kind)


def judged(expression: str, value: Resource, resource: Resource) -> tuple[bool, bool]:
    """(ours, theirs): whether the expression is plainly true of the value."""
    ours = condition(expression)(value, Around(resource, resource)) is True
    theirs = evaluate(value, expression, {"resource": resource, "rootResource": resource}, models["r4"])
    return ours, theirs == [True]


CASES = sorted(
    {
        (name, key, expression)
        for resource in resources()
        for name, _ in typed(resource, resource["resourceType"])
        for key, expression in TABLE[name].get("rules", ())
        if key not in NOT_THEIRS
    }
)


@pytest.mark.parametrize(
    ("name", "key", "expression"), CASES, ids=lambda part: part if len(part) < 30 else ""
)
def test_an_invariant_of_r4_is_judged_alike(name: str, key: str, expression: str) -> None:
    dice = random.Random(f"{name} {key}")
    seen: set[bool] = set()
    values = [
        (one, resource)
        for resource in resources()
        for kind, one in typed(resource, resource["resourceType"])
        if kind == name
    ]
    for value, resource in dice.sample(values, min(4, len(values))):
        for changed in (value, spoilt(value, dice), spoilt(value, dice)):
            whole = changed if value is resource else resource
            ours, theirs = judged(expression, changed, whole)
            assert ours == theirs, (key, changed)
            seen.add(ours)
    assert True in seen


def test_every_invariant_of_the_table_compiles() -> None:
    expressions = {expression for row in TABLE.values() for _, expression in rules_in(row)}
    assert len(expressions) > 150
    for expression in expressions:
        compiled(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "1 + 2 * 3 = 7",
        "(1 | 2 | 2).count() = 2",
        "name.given.first() = 'Aino'",
        "name.given.last()",
        "name.given[1]",
        "name.given.tail().count()",
        "name.where(use = 'official').family.exists()",
        "name.given contains 'Maria'",
        "'Maria' in name.given",
        "name.given.select($this & '!')",
        "birthDate < '1980-01-01'",
        "birthDate = '1978-05-14'",
        "deceased.exists()",
        "deceased = false",
        "telecom.all(system = 'phone' implies value.exists())",
        "telecom.exists(use = 'mobile') xor telecom.exists(use = 'home')",
        "{}.empty() and {} .exists().not()",
        "iif(active, 'yes', 'no')",
        "name.family.substring(1, 2)",
        "name.family.substring(99).empty()",
        "name.family.length() mod 4",
        "name.family.startsWith('Te') and name.family.endsWith('n')",
        "name.family.replaceMatches('n$', 'm')",
        "'12'.toInteger() div 5",
        "multipleBirth.toString()",
        "-3 < 2",
        "name.given.combine(name.given).isDistinct()",
        "name.given.intersect('Maria' | 'Kaisa')",
        "Patient.active",
        "address.line.empty() or false",
        "telecom.count() > 1 and (active or {})",
        "{} implies true",
        "{} or false",
        "active.is(boolean)",
        "multipleBirth is integer",
        "name.given.distinct().count()",
        "telecom.rank.where($this > 1)",
        "'a\\'b' = 'a\\u0027b'",
    ],
)
def test_an_expression_gives_the_same(expression: str) -> None:
    patient = {
        "resourceType": "Patient",
        "active": True,
        "birthDate": "1978-05-14",
        "deceasedBoolean": False,
        "multipleBirthInteger": 2,
        "name": [{"use": "official", "family": "Testinen", "given": ["Aino", "Maria"]}],
        "telecom": [
            {"system": "phone", "value": "+358401234567", "use": "mobile", "rank": 1},
            {"system": "email", "value": "aino@example.org", "rank": 2},
        ],
    }
    ours = compiled(expression)(patient, Around(patient, patient))
    assert ours == evaluate(patient, expression, {}, models["r4"])


@pytest.mark.parametrize(
    "expression", ["", "(", "a.unheard()", "%unheard", "a as quantity", "a = ", "1 ~ 2", "a b"]
)
def test_what_is_not_known_is_told_when_it_is_compiled(expression: str) -> None:
    with pytest.raises(NotSupportedError):
        compiled(expression)
