"""Decision tables in a county's folder: read, or refused with file, line, place and remedy."""

from dataclasses import replace

import pytest
from referral_gateway.adapters.county_reading import read_county
from referral_gateway.domain.county import CountyError
from referral_gateway.domain.rules import Facts, decide
from referral_gateway.domain.versions import version_problems
from support.gateway_county import county_files

WORDS = "{fi: suomeksi, sv: på svenska, en: in English}"
TABLE = f"""\
pathway: exercise
version: 3
referrers:
  - channels: [ehr]
rules:
  - id: working-age
    words: {WORDS}
    when:
      age: {{from: 18, to: 65}}
      municipality: {{not_in: ["075"]}}
    then: {{services: [exercise-counselling]}}
  - id: many-problems
    words: {WORDS}
    when: {{reasons: {{at_least: 2}}}}
    then: {{recommend: true}}
otherwise:
  id: everybody-else
  words: {WORDS}
  then: {{services: [exercise-counselling]}}
"""
KINDS = {"kotka": "exercise-counselling", "hamina": "exercise-counselling"}
FILES = county_files(kinds=KINDS)


def problems(table: str) -> list[tuple[int | None, str, str]]:
    """(line, place, problem) of everything that is wrong with the table."""
    with pytest.raises(CountyError) as refused:
        read_county(FILES | {"rules/exercise.yaml": table})
    assert {one.file for one in refused.value.problems} == {"rules/exercise.yaml"}
    assert all(one.remedy for one in refused.value.problems)
    return [(one.line, one.place, one.problem) for one in refused.value.problems]


def test_a_table_is_read_into_its_pathway() -> None:
    table = read_county(FILES | {"rules/exercise.yaml": TABLE}).pathways["exercise"].rules
    assert table is not None
    assert (table.version, [rule.id for rule in table.rules]) == (3, ["working-age", "many-problems"])
    assert decide(table, Facts(age=65, municipality="285")).rule.id == "working-age"
    assert decide(table, Facts(age=66, municipality="285")).rule.id == "everybody-else"
    assert decide(table, Facts(age=40, municipality="075")).rule.id == "everybody-else"
    assert (
        decide(table, Facts(reasons=frozenset({"other", "physical-inactivity"}))).rule.words.sv
        == "på svenska"
    )
    assert read_county(FILES).pathways["exercise"].rules is None


@pytest.mark.parametrize(
    ("old", "new", "line", "place", "told"),
    [
        ("version: 3\n", "", 1, "", "`version` is missing."),
        ("when: {reasons", "if: {reasons", 12, "rules[1]", "`when` is missing."),
        ("{from: 18", "{from: 88", 9, "rules[0].when.age", "Nobody is of this age."),
        ('"075"', '"091"', 10, "rules[0].when.municipality.not_in[0]", "not of this county"),
        ("{at_least: 2}", "{any: [gout]}", 14, "rules[1].when.reasons.any[0]", "`gout` is not a reason"),
        ("{services: [exercise-counselling]}", "{services: [yoga]}", 11, "rules[0].then.services[0]", "yoga"),
        ("{recommend: true}", "{instead: wellbeing}", 15, "rules[1].then.instead", "no such other pathway"),
        ("{recommend: true}", "{instead: exercise}", 15, "rules[1].then.instead", "no such other pathway"),
        ("{recommend: true}", "{recommend: true}\n    sample: true", 15, "rules[1].then", "must not turn"),
        ("id: many-problems", "id: working-age", 12, "rules[1].id", "stands twice"),
        ("pathway: exercise", "pathway: swimming", 1, "pathway", "There is no such pathway."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_line(old: str, new: str, line: int, place: str, told: str) -> None:
    assert old in TABLE
    found = problems(TABLE.replace(old, new, 1))
    assert [(one[0], one[1]) for one in found if told in one[2]] == [(line, place)], found


def test_a_rule_that_is_never_reached_is_refused() -> None:
    narrower = TABLE.replace(
        "reasons: {at_least: 2}", 'age: {from: 18, to: 65}, municipality: {not_in: ["075"]}, risk: [low]'
    )
    assert [one[1] for one in problems(narrower)] == ["rules[1]"]


def test_two_tables_for_one_pathway_are_refused() -> None:
    with pytest.raises(CountyError) as refused:
        read_county(FILES | {"rules/exercise.yaml": TABLE, "rules/again.yaml": TABLE})
    assert [one.problem for one in refused.value.problems] == ["`exercise` stands twice."]


def test_a_changed_table_needs_a_newer_version() -> None:
    before = read_county(FILES | {"rules/exercise.yaml": TABLE})
    changed = TABLE.replace("to: 65", "to: 67")
    same_version = read_county(FILES | {"rules/exercise.yaml": changed})
    newer = read_county(FILES | {"rules/exercise.yaml": changed.replace("version: 3", "version: 4")})
    (problem,) = version_problems(before, same_version)
    assert (problem.file, problem.place, problem.remedy) == (
        "rules/exercise.yaml",
        "version",
        "Raise it to 4.",
    )
    assert list(version_problems(before, newer)) == []
    assert list(version_problems(before, before)) == []
    assert list(version_problems(None, same_version)) == []
    (problem,) = version_problems(before, replace(newer, id="elsewhere"))
    assert (problem.file, problem.place) == ("county.yaml", "id")
