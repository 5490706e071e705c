"""Debian's Chromium for the browser tests; playwright's own download is not needed."""

from packages import require


def path() -> str:
    """Where the browser is; installs Debian's `chromium` when root."""
    return require("chromium", "chromium")
