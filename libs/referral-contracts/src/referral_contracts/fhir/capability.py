"""What the collector offers at the one public FHIR base; the gateway serves /metadata for both."""

from collections.abc import Mapping

COLLECTOR: Mapping[str, tuple[str, ...]] = {
    "Task": ("create", "read", "vread", "history-instance", "patch", "search-type"),
    "Subscription": ("create", "read", "delete"),
}
"""Interactions by type, as the collector serves them under /fhir/Task and /fhir/Subscription."""
