"""R4's own definitions and ours, by canonical address, read once."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from package_cache import home

Definition = dict[str, Any]
_NEWER_LAST = (
    "hl7.fhir.r4.core#4.0.1",
    "hl7.fhir.uv.extensions.r4#5.3.0-ballot-tc1",
    "hl7.terminology.r4#7.0.1",
)
_BASE = "http://hl7.org/fhir/StructureDefinition/"


@cache
def core() -> Mapping[str, Definition]:
    """The structures, value sets and code systems of R4 (4.0.1)."""
    folder = home() / ".fhir" / "packages" / "hl7.fhir.r4.core#4.0.1" / "package"
    wanted = ("StructureDefinition-*.json", "ValueSet-*.json", "CodeSystem-*.json")
    files = sorted(file for pattern in wanted for file in folder.glob(pattern))
    return by_url(json.loads(file.read_text()) for file in files)


@cache
def published() -> Mapping[str, Definition]:
    """The code systems that R4 and HL7's newer packages publish; of one in several the newest."""
    cache_of_packages = home() / ".fhir" / "packages"
    folders = [cache_of_packages / name / "package" for name in _NEWER_LAST]
    files = [file for folder in folders for file in sorted(folder.glob("CodeSystem-*.json"))]
    return by_url(json.loads(file.read_text()) for file in files)


def by_url(definitions: Iterable[Definition]) -> dict[str, Definition]:
    """The structures, value sets and code systems among `definitions`, by their canonical address."""
    kinds = {"StructureDefinition", "ValueSet", "CodeSystem"}
    return {one["url"]: one for one in definitions if one["resourceType"] in kinds and "url" in one}


def structure(name_or_url: str) -> Definition:
    """The definition of one of R4's types, by its name or its address."""
    return core()[name_or_url if "://" in name_or_url else _BASE + name_or_url]


def types_and_resources() -> list[Definition]:
    """What a resource can be made of: every resource and complex type of R4, and its profiles on Quantity."""
    found: list[Definition] = []
    for one in core().values():
        if one["resourceType"] != "StructureDefinition" or one["kind"] not in {"resource", "complex-type"}:
            continue
        if one.get("derivation") != "constraint" or one["id"] in {"SimpleQuantity", "MoneyQuantity"}:
            found.append(one)
    return sorted(found, key=lambda one: one["id"])
