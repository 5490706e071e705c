"""The whole loop with wake-ups and no polls, with polls and no wake-ups, and without Redis."""

from typing import Any

import pytest
from lahetti.demo.cases import CASES
from support.performances import Evidence, check, embedded_world, perform, processes_world

WAYS: dict[str, dict[str, Any]] = {
    "only wake-ups": {"wakeups": "on", "poll_seconds": 60.0},
    "only polls": {"wakeups": "off", "poll_seconds": 0.2},
    "without Redis": {"redis_url": "redis://127.0.0.1:9/0"},
}


WORLDS = [
    pytest.param(embedded_world, id="embedded"),
    pytest.param(processes_world, id="engines", marks=pytest.mark.engines),
]


@pytest.fixture(scope="module", params=list(WAYS))
def way(request: pytest.FixtureRequest) -> dict[str, Any]:
    return WAYS[request.param]


@pytest.fixture(scope="module", params=WORLDS)
def evidence(
    request: pytest.FixtureRequest, way: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Evidence:
    return perform(request.param(tmp_path_factory.mktemp("fallback"), **way))


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_the_case_ends_as_it_should(evidence: Evidence, name: str) -> None:
    check(evidence, name)
