"""What the collector offers at the one public FHIR base; the gateway serves /metadata for both."""

from collections.abc import Mapping

COLLECTOR: Mapping[str, tuple[str, ...]] = {
    "Task": ("read", "vread", "history-instance", "patch", "search-type"),
}
"""Interactions by type, as the collector serves them under /fhir/Task."""

COLLECTOR_SEARCH: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Task": (
        ("owner", "reference"),
        ("status", "token"),
        ("focus", "reference"),
        ("_lastUpdated", "date"),
    ),
}
"""Search parameters by type with their kinds."""
