"""Every case, in one process with nothing installed."""

import pytest
from lahetti.demo.cases import CASES
from support.performances import Evidence, check, embedded_world, perform


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return perform(embedded_world(tmp_path_factory.mktemp("embedded"), poll_seconds=0.5))


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_the_case_ends_as_it_should(evidence: Evidence, name: str) -> None:
    check(evidence, name)
