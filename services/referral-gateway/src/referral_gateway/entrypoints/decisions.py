"""Tells the professional what was decided about a referral, in words, and what to record of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from referral_contracts.errors import Issue
from referral_contracts.operation_outcome import information, operation_outcome
from service_runtime.web.languages import Language

from referral_gateway.domain.recording import Recording, recorded
from referral_gateway.domain.routing_provenance import is_overridden, told_by
from referral_gateway.use_cases.accept_referral import Accepted


def told(accepted: Accepted, language: Language) -> dict[str, Any] | None:
    """An OperationOutcome for information: the rule, that it waits for a place, then procedure codes and the
    ready phrase, each with a coding of its own beside the slug; None where there is nothing to say. A repeat
    is told the same."""
    issues = [issue for one in _decided(accepted) for issue in information(one, language)["issue"]]
    issues += _recording(accepted.recording, language)
    return {"resourceType": "OperationOutcome", "issue": issues} if issues else None


def _decided(accepted: Accepted) -> Iterator[Issue]:
    if accepted.provenance is not None:
        yield _decision(accepted.provenance)
    if accepted.waits_with is not None:
        yield Issue("waits-for-place", (), {"provider": accepted.waits_with})


def _decision(provenance: Mapping[str, Any]) -> Issue:
    """The rule with its version and words, or that it was overridden."""
    slug = "rule-overridden" if is_overridden(provenance) else "routed-by-rule"
    return Issue(slug, (), told_by(provenance))


def _recording(recording: Recording, language: Language) -> list[dict[str, Any]]:
    pairs = recorded(recording)
    rendered = operation_outcome([issue for issue, _ in pairs], language)["issue"]
    for issue, (_, coding) in zip(rendered, pairs, strict=True):
        issue["severity"] = "information"
        issue["details"]["coding"].append(coding)
    return rendered
