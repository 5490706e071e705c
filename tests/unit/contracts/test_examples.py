"""The examples say what is taken and what is refused; who integrates an EHR starts from them."""

from pathlib import Path

import pytest
from support.examples import FAULTS, INVALID, VALID, issues_of, kymenlaakso

COUNTY = kymenlaakso()


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_example_has_no_issue(path: Path) -> None:
    assert issues_of(path.read_bytes(), COUNTY) == []


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_an_invalid_example_has_exactly_its_one_fault(path: Path) -> None:
    fault = FAULTS[path.name]
    expected = (fault["slug"], (fault["expression"],) if fault["expression"] else ())
    assert [(issue.slug, issue.expression) for issue in issues_of(path.read_bytes(), COUNTY)] == [expected]


def test_every_invalid_example_is_in_the_list_of_faults_and_back() -> None:
    assert {path.name for path in INVALID} == FAULTS.keys()
