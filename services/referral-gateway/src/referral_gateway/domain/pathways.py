"""A pathway: a kind of referral with its own reasons, needs and clocks (D3). Facts of a county, never
code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from referral_contracts import systems
from referral_contracts.errors import Issue

from referral_gateway.domain.recording import NOTHING, Recording
from referral_gateway.domain.rules import RuleTable
from referral_gateway.domain.texts import Texts


@dataclass(frozen=True, slots=True)
class Clocks:
    """How soon something must happen, each in working days after the referral was accepted here."""

    accept: int
    contact: int
    remind: int


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of the pathway's value set. `needs_text` where the code alone says too little (`other`)."""

    code: str
    texts: Texts
    needs_text: bool = False


@dataclass(frozen=True, slots=True)
class Pathway:
    """`id` is the code of ServiceRequest.category. `needs_municipality`: routing goes by the client's own."""

    id: str
    names: Texts
    reasons: Mapping[str, Reason]
    routine: Clocks
    urgent: Clocks
    needs_municipality: bool = True
    rules: RuleTable | None = None
    """The county's criteria; None where every referral goes to whoever has an agreement."""
    recording: Recording = NOTHING

    def clocks(self, *, urgent: bool) -> Clocks:
        """The clocks of a referral of that priority."""
        return self.urgent if urgent else self.routine


def reason_issues(pathway: Pathway, service_request: Mapping[str, Any], path: str) -> list[Issue]:
    """What is wrong with the reasons of a structurally sound `service_request` that stands at `path`.

    Every reasonCode needs one coding of the pathway's value set; codings of other systems beside it are
    welcome (D3). The slugs are `required-element`, `unknown-code` and `reason-text-required`.
    """
    reasons = service_request.get("reasonCode", [])
    if not reasons:
        return [Issue("required-element", (f"{path}.reasonCode",))]
    issues: list[Issue] = []
    for index, concept in enumerate(reasons):
        place = f"{path}.reasonCode[{index}]"
        codes = _codes(concept)
        if not codes or not codes <= pathway.reasons.keys():
            issues.append(Issue("unknown-code", (place,)))
        elif any(pathway.reasons[code].needs_text for code in codes) and not concept.get("text", "").strip():
            issues.append(Issue("reason-text-required", (f"{place}.text",)))
    return issues


def _codes(concept: Mapping[str, Any]) -> set[str]:
    codings = concept.get("coding", [])
    return {coding.get("code", "") for coding in codings if coding.get("system") == systems.REFERRAL_REASON}
