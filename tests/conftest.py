"""What every suite may ask for."""

import os

# A log line with a key that nobody allowed fails the test that wrote it, in this process and in its children.
os.environ.setdefault("LAHETTI_STRICT_LOGS", "1")

pytest_plugins = ("support.databases",)
