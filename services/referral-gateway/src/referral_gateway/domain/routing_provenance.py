"""The Provenance of a routing: which rule of which version decided, and by what, told to whoever referred."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from referral_contracts import systems

from referral_gateway.domain.deciding import in_all_languages
from referral_gateway.domain.documents import Resource, stamped
from referral_gateway.domain.rules import Decision
from referral_gateway.domain.texts import Texts

TYPE = "Provenance"
_ACTIVITY = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"


def routing_provenance(
    county: str, decision: Decision, referral: str, order: str, version: int, at: datetime
) -> Resource:
    """The Provenance of the routing of `referral` by `order` (ServiceRequest B), decided by `county`'s rules.

    It has the referral's own id; each further routing is its next `version`. Of the inputs it holds names
    only: what was said stays in the referral (https://hl7.org/fhir/R4/provenance.html).
    """
    system = f"{systems.RULES}/{county}/{decision.pathway}"
    resource: Resource = {
        "resourceType": TYPE,
        "extension": [
            {"url": systems.ROUTING_INPUT_EXTENSION, "valueCode": name} for name in decision.inputs
        ],
        "target": [{"reference": f"ServiceRequest/{referral}"}, {"reference": f"ServiceRequest/{order}"}],
        "recorded": at.isoformat(timespec="milliseconds"),
        "policy": [f"{system}|{decision.version}"],
        "reason": [_rule(system, decision)],
        "activity": {"coding": [{"system": _ACTIVITY, "code": "CREATE"}, _basis(decision)]},
        "agent": [{"who": {"display": "Lähetti"}}],
        "entity": [{"role": "source", "what": {"reference": f"ServiceRequest/{referral}"}}],
    }
    if not decision.inputs:
        del resource["extension"]
    return stamped(resource, referral, version, at)


def told_by(provenance: Mapping[str, Any]) -> dict[str, str]:
    """What the catalogue's text of a decision needs: the rule's id, version and words in all languages."""
    coding = provenance["reason"][0]["coding"][0]
    others = {
        one["extension"][0]["valueCode"]: one["extension"][1]["valueString"]
        for one in coding["_display"]["extension"]
    }
    words = Texts(coding["display"], others["sv"], others["en"])
    return {"rule": coding["code"], "version": coding["version"]} | in_all_languages("words", words)


def is_overridden(provenance: Mapping[str, Any]) -> bool:
    """Whether the professional's own choice took the rule's place."""
    return provenance["activity"]["coding"][1]["code"] == "override"


def _rule(system: str, decision: Decision) -> dict[str, Any]:
    words = decision.rule.words
    coding = {
        "system": system,
        "version": str(decision.version),
        "code": decision.rule.id,
        "display": words.fi,
        "_display": {"extension": [_translation("sv", words.sv), _translation("en", words.en)]},
    }
    return {"coding": [coding]}


def _translation(language: str, words: str) -> dict[str, Any]:
    return {
        "url": systems.TRANSLATION_EXTENSION,
        "extension": [
            {"url": "lang", "valueCode": language},
            {"url": "content", "valueString": words},
        ],
    }


def _basis(decision: Decision) -> dict[str, str]:
    return {"system": systems.ROUTING_BASIS, "code": "override" if decision.kind is not None else "rule"}
