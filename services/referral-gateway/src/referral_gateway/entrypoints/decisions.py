"""Tells the professional which rule decided, in words."""

from collections.abc import Mapping
from typing import Any

from referral_contracts.errors import Issue
from referral_contracts.operation_outcome import information
from service_runtime.web.languages import Language

from referral_gateway.domain.routing_provenance import is_overridden, told_by


def decision_told(provenance: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """An OperationOutcome for information: the rule with its version and words, or that it was overridden."""
    slug = "rule-overridden" if is_overridden(provenance) else "routed-by-rule"
    return information(Issue(slug, (), told_by(provenance)), language)
