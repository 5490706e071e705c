"""Reads what is to be recorded: `procedures.yaml`, and the phrases of the pathways."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from referral_gateway.adapters.county_documents import CountyFile
from referral_gateway.domain.county import CountyProblem
from referral_gateway.domain.pathways import Pathway
from referral_gateway.domain.recording import Phrase, Procedure, Recording, filled
from referral_gateway.domain.texts import Texts


def procedure_problems(file: CountyFile, pathways: Mapping[str, object]) -> Iterator[CountyProblem]:
    """Codes of a pathway that is not there, and those that stand twice."""
    seen: set[tuple[str, ...]] = set()
    for index, one in enumerate(file.content["codes"]):
        if one["pathway"] not in pathways:
            yield file.problem(
                ("codes", index, "pathway"),
                "There is no such pathway.",
                "Name the id of a file under pathways/.",
            )
        key = tuple(one[name] for name in ("pathway", "act", "system", "code"))
        if key in seen:
            yield file.problem(("codes", index), f"`{one['code']}` stands twice.", "Leave one of them out.")
        seen.add(key)


def with_recordings(
    pathways: Mapping[str, Pathway],
    phrases: Mapping[str, Mapping[str, str]],
    maps: Sequence[CountyFile],
    county: Mapping[str, str],
) -> dict[str, Pathway]:
    """The pathways with their codes and filled phrases; `county` is the county's name by language."""
    codes = [one for file in maps for one in file.content["codes"]]
    made: dict[str, Pathway] = {}
    for name, pathway in pathways.items():
        procedures = tuple(_procedure(one) for one in codes if one["pathway"] == name)
        phrase = _phrase(phrases.get(name), pathway.names, county)
        made[name] = replace(pathway, recording=Recording(procedures, phrase))
    return made


def _procedure(content: Mapping[str, Any]) -> Procedure:
    return Procedure(content["act"], content["system"], content["code"], Texts(**content["names"]))


def _phrase(template: Mapping[str, str] | None, names: Texts, county: Mapping[str, str]) -> Phrase | None:
    if template is None:
        return None
    return Phrase(
        filled(template["fi"], names.fi, county["fi"]), filled(template["sv"], names.sv, county["sv"])
    )
