"""What the fault tests tell at the end of the run, passed or not."""

import os
import secrets
from collections.abc import Callable

import pytest

TOLD: list[str] = []


@pytest.fixture(scope="session")
def tell() -> Callable[[str], None]:
    """Print a line now (seen with -s, or where the test fails) and once more at the end."""

    def told(line: str) -> None:
        print(line, flush=True)
        TOLD.append(line)

    return told


@pytest.fixture(scope="session")
def seed(tell: Callable[[str], None]) -> str:
    """Of all that is chosen by chance; the same seed chooses the same."""
    chosen = os.environ.get("LAHETTI_FAULTS_SEED") or secrets.token_hex(4)
    tell(f"seed {chosen}: LAHETTI_FAULTS_SEED={chosen} chooses the same again")
    return chosen


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TOLD:
        terminalreporter.section("faults")
        for line in TOLD:
            terminalreporter.write_line(line)
