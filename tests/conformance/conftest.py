"""The official validator, once for all tests here."""

import pytest
from support.oracle import Oracle, started_oracle


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    return started_oracle()
