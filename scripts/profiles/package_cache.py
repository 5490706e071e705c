"""HL7's packages unpacked as tools look for them: `HOME/.fhir/packages/NAME#VERSION/package`."""

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

from fetching import CORE, EXTENSIONS, TERMINOLOGY, Pinned, fetched
from folder import TOOLS
from packing import index_row

_DEFINITIONS = (
    "StructureDefinition",
    "ValueSet",
    "CodeSystem",
    "SearchParameter",
    "OperationDefinition",
    "CapabilityStatement",
    "CompartmentDefinition",
    "ConceptMap",
    "NamingSystem",
)
_EMPTY = "hl7.fhir.uv.tools.r4#0.0.0"
"""SUSHI always asks for HL7's own tooling extensions, of which we use none."""


def home() -> Path:
    """A home of its own, assembled when it is not there: nothing that other tools keep is read or changed."""
    place = TOOLS / "home"
    mark = place / "assembled"
    wanted = "\n".join(f"{one.name} {one.sha512}" for one in (CORE, TERMINOLOGY, EXTENSIONS))
    if mark.exists() and mark.read_text() == wanted:
        return place
    shutil.rmtree(place, ignore_errors=True)
    cache = place / ".fhir" / "packages"
    cache.mkdir(parents=True)
    (cache / "packages.ini").write_text("[cache]\nversion=4\n")
    _unpack(CORE, cache / "hl7.fhir.r4.core#4.0.1", "hl7.fhir.r4.core")
    for package in (TERMINOLOGY, EXTENSIONS):
        _unpack(package, cache / f"{package.name}#{package.version}", package.name)
    _describe(cache / _EMPTY / "package", {"name": _EMPTY.split("#")[0], "version": _EMPTY.split("#")[1]}, [])
    mark.write_text(wanted)
    return place


def _unpack(package: Pinned, place: Path, name: str) -> None:
    folder = place / "package"
    folder.mkdir(parents=True)
    described: dict[str, Any] = {}
    index: list[dict[str, Any]] = []
    with tarfile.open(fetched(package)) as archive:
        for member in archive:
            parts = member.name.split("/")
            if not (member.isfile() and len(parts) == 2 and parts[0] == "package"):
                continue
            if parts[1] != "package.json" and not parts[1].startswith(_DEFINITIONS):
                continue
            content = archive.extractfile(member)
            raw = content.read() if content else b""
            document = json.loads(raw)
            if parts[1] == "package.json":
                described = document
            elif document.get("resourceType") in _DEFINITIONS:
                (folder / parts[1]).write_bytes(raw)
                index.append(index_row(parts[1], document))
    _describe(folder, described | {"name": name, "dependencies": {}}, index)


def _describe(folder: Path, described: dict[str, Any], index: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"fhirVersions": ["4.0.1"], **described}))
    (folder / ".index.json").write_text(json.dumps({"index-version": 2, "files": index}))
