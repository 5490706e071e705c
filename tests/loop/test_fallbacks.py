"""The whole loop with wake-ups and no polls, with polls and no wake-ups, and without Redis."""

from typing import Any

import pytest
from lahetti.demo.cases import CASES
from support.performances import Evidence, check, embedded_world, perform

WAYS: dict[str, dict[str, Any]] = {
    "only wake-ups": {"wakeups": "on", "poll_seconds": 60.0},
    "only polls": {"wakeups": "off", "poll_seconds": 0.2},
    "without Redis": {"redis_url": "redis://127.0.0.1:9/0"},
}


@pytest.fixture(scope="module", params=list(WAYS))
def evidence(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return perform(embedded_world(tmp_path_factory.mktemp("fallback"), **WAYS[request.param]))


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_the_case_ends_as_it_should(evidence: Evidence, name: str) -> None:
    check(evidence, name)
