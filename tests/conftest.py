"""What every suite may ask for."""

import os

import pytest
from service_runtime import logs

# A log line with a key that nobody allowed fails the test that wrote it, in this process and in its children.
os.environ.setdefault("LAHETTI_STRICT_LOGS", "1")

pytest_plugins = ("support.databases",)


@pytest.fixture(autouse=True)
def strict_logs() -> None:
    """Each test begins with our logs, on its own captured stderr: a key that nobody allowed raises."""
    logs.configure(service="test")
