"""The county's reasons as a FHIR CodeSystem, so that people read words and not codes (D3, D32)."""

from collections.abc import Iterable
from typing import Any

from referral_contracts.systems import REFERRAL_REASON

from referral_gateway.domain.pathways import Pathway, Reason

ID = "referral-reason"


def reason_code_system(pathways: Iterable[Pathway]) -> dict[str, Any]:
    """All reasons of all pathways, each once, with its words in Finnish, Swedish and English."""
    reasons = {code: reason for pathway in pathways for code, reason in pathway.reasons.items()}
    return {
        "resourceType": "CodeSystem",
        "id": ID,
        "url": REFERRAL_REASON,
        "status": "active",
        "content": "complete",
        "caseSensitive": True,
        "concept": [_concept(reasons[code]) for code in sorted(reasons)],
    }


def _concept(reason: Reason) -> dict[str, Any]:
    words = (("fi", reason.texts.fi), ("sv", reason.texts.sv), ("en", reason.texts.en))
    return {
        "code": reason.code,
        "display": reason.texts.fi,
        "designation": [{"language": language, "value": value} for language, value in words],
    }
