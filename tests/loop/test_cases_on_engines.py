"""Every case on Apache Kafka, PostgreSQL and Redis, each role a process of its own."""

import pytest
from lahetti.demo.cases import CASES
from support.performances import Evidence, check, perform, processes_world

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return perform(processes_world(tmp_path_factory.mktemp("processes")))


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_the_case_ends_as_it_should(evidence: Evidence, name: str) -> None:
    check(evidence, name)
