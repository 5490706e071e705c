"""The county's procedure codes as a FHIR ConceptMap, from pathway and act (D5)."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from referral_contracts.systems import CANONICAL, PATHWAY, RECORDED_ACT

from referral_gateway.domain.pathways import Pathway
from referral_gateway.domain.recording import Procedure

ID = "procedure-codes"
_TOLD = "The procedure codes that the county has given for each act of a pathway."
_EMPTY = "The county has given no procedure codes: verify with THL."


def procedure_concept_map(pathways: Iterable[Pathway]) -> dict[str, Any]:
    """A group for each code system, in it each pathway with its codes; of each, the act that it stands for
    is what it depends on."""
    codes = sorted(_codes(pathways), key=lambda one: (one[1].system, one[0]))
    groups = [_group(system, list(those)) for system, those in groupby(codes, key=lambda one: one[1].system)]
    whole: dict[str, Any] = {
        "resourceType": "ConceptMap",
        "id": ID,
        "url": f"{CANONICAL}/ConceptMap/{ID}",
        "status": "active" if groups else "draft",
        "description": _TOLD if groups else _EMPTY,
    }
    return whole | ({"group": groups} if groups else {})


def _codes(pathways: Iterable[Pathway]) -> Iterator[tuple[str, Procedure]]:
    return ((pathway.id, one) for pathway in pathways for one in pathway.recording.procedures)


def _group(system: str, codes: list[tuple[str, Procedure]]) -> dict[str, Any]:
    elements = [
        {"code": pathway, "target": [_target(one) for _, one in those]}
        for pathway, those in groupby(codes, key=lambda one: one[0])
    ]
    return {"source": PATHWAY, "target": system, "element": elements}


def _target(one: Procedure) -> dict[str, Any]:
    return {
        "code": one.code,
        "display": one.names.fi,
        "equivalence": "relatedto",
        "dependsOn": [{"property": RECORDED_ACT, "system": RECORDED_ACT, "value": one.act}],
    }
