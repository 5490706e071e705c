"""The official HL7 validator has nothing against our examples, and sees R4's own examples as we do."""

import pytest
from support.disagreements import listed, reasons
from support.example_resources import official_examples, profiled, whole_examples
from support.oracle import Oracle, Question
from support.our_verdicts import issues_of_resource

WHOLE = whole_examples()
LEAST = 40
OFFICIAL = 95
COUNTIES = {"kymenlaakso", "kainuu", "keski-suomi", "etela-pohjanmaa"}


def test_there_are_enough_examples_and_a_story_of_each_county() -> None:
    assert len(WHOLE) >= LEAST
    assert {name.split("/")[1] for name in WHOLE if name.startswith("stories/")} == COUNTIES


@pytest.mark.parametrize("name", WHOLE)
def test_an_example_is_valid_as_it_is_committed(oracle: Oracle, name: str) -> None:
    [verdict] = oracle.verdicts([Question(WHOLE[name], None)])
    assert verdict.faults == ()


@pytest.mark.parametrize("profile", sorted(profiled()))
def test_what_shows_a_profile_keeps_it(oracle: Oracle, profile: str) -> None:
    verdicts = oracle.verdicts([Question(one, profile) for one in profiled()[profile]])
    assert [verdict.faults for verdict in verdicts] == [()] * len(verdicts)
    assert [issues_of_resource(one, profile) for one in profiled()[profile]] == [[]] * len(verdicts)


def test_the_official_examples_are_taken_and_refused_as_the_official_validator_does(oracle: Oracle) -> None:
    examples = dict(official_examples())
    verdicts = oracle.verdicts([Question(one, None) for one in examples.values()])
    issues = [issues_of_resource(one, None) for one in examples.values()]
    unlisted = {
        name: (verdict.faults, ours)
        for (name, one), verdict, ours in zip(examples.items(), verdicts, issues, strict=True)
        if reasons(one, verdict, ours, listed()) is None
    }
    assert len(examples) >= OFFICIAL
    assert unlisted == {}
