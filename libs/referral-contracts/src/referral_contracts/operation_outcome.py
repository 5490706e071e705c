"""The one renderer of OperationOutcome (https://hl7.org/fhir/R4/operationoutcome.html)."""

from collections.abc import Sequence
from typing import Any, Literal

import orjson

from referral_contracts.error_catalogue import CATALOGUE
from referral_contracts.errors import Issue
from referral_contracts.invariant_texts import INVARIANTS
from referral_contracts.systems import ERROR

Language = Literal["fi", "sv", "en"]
MOST_ISSUES = 50
_GENERAL = frozenset({"invariant", "required-element", "wrong-cardinality", "invalid-value"})


def operation_outcome(issues: Sequence[Issue], language: Language = "en") -> dict[str, Any]:
    """The resource that tells `issues`, at most 50 of them, in `language`."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [_render(issue, language) for issue in issues[:MOST_ISSUES]],
    }


def render(issues: Sequence[Issue], language: Language = "en") -> bytes:
    """`operation_outcome` as JSON bytes."""
    return orjson.dumps(operation_outcome(issues, language))


def information(issue: Issue, language: Language = "en") -> dict[str, Any]:
    """The resource that tells `issue` for information: nothing was refused."""
    told = _render(issue, language) | {"severity": "information"}
    return {"resourceType": "OperationOutcome", "issue": [told]}


def text(issue: Issue, language: Language = "en") -> str:
    """The words of the catalogue for `issue`; where the catalogue says only what sort of fault it is, those
    of the invariant that is broken."""
    words = INVARIANTS.get(issue.params.get("key", ""))
    if words is not None and issue.slug in _GENERAL:
        return f"{getattr(words, language)} ({issue.params['key']})"
    kind = CATALOGUE[issue.slug]
    return {"fi": kind.fi, "sv": kind.sv, "en": kind.en}[language].format(**issue.params)


def _render(issue: Issue, language: Language) -> dict[str, Any]:
    kind = CATALOGUE[issue.slug]
    rendered: dict[str, Any] = {
        "severity": "error",
        "code": kind.code,
        "details": {"coding": [{"system": ERROR, "code": issue.slug}], "text": text(issue, language)},
    }
    if issue.expression:
        rendered["expression"] = list(issue.expression)
    return rendered
