"""HL7's definitions in the shape that the official validator reads, in a home of its own.

Two tools with one cache would undo each other's: a cache of another version is wiped without a word.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from package_cache import home
from packing import index_row
from places import RUN

CORE = "hl7.fhir.r4.core#4.0.1"
_STUB = "hl7.fhir.xver-extensions#0.1.0"
_BROUGHT_BY_THE_VALIDATOR = "CodeSystem-spdx-license.json"
_MEDIA_TYPES = {
    "resourceType": "CodeSystem",
    "id": "bcp13",
    "url": "urn:ietf:bcp:13",
    "version": "4.0.1",
    "name": "MediaTypes",
    "status": "active",
    "content": "complete",
    "concept": [
        {"code": code}
        for code in (
            "application/dicom",
            "application/fhir+json",
            "application/fhir+xml",
            "application/hl7-cda+xml",
            "application/json",
            "application/json-patch+json",
            "application/pdf",
            "application/signature+xml",
            "application/xml",
            "image/gif",
            "image/jpeg",
            "image/png",
            "text/html",
            "text/plain",
            "text/plain;charset=UTF-8",
        )
    ],
}
"""R4 has no list of media types; without one the validator judges them by accident."""


def oracle_home() -> Path:
    """The home, assembled when it is not there or when what it is made of has changed."""
    source, place = home(), RUN / "home"
    mark = place / "assembled"
    if mark.exists() and mark.read_text() == _wanted(source):
        return place
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(source / ".fhir", place / ".fhir")
    packages = place / ".fhir" / "packages"
    core = packages / CORE / "package"
    (core / _BROUGHT_BY_THE_VALIDATOR).unlink()
    (core / "CodeSystem-bcp13.json").write_text(json.dumps(_MEDIA_TYPES))
    _list_anew(core)
    stub = packages / _STUB / "package"
    stub.mkdir(parents=True)
    name, version = _STUB.split("#")
    (stub / "package.json").write_text(
        json.dumps({"name": name, "version": version, "fhirVersions": ["4.0.1"]})
    )
    (stub / ".index.json").write_text(json.dumps({"index-version": 2, "files": []}))
    (place / ".fhir" / "fhir-settings.json").write_text(
        json.dumps({"prohibitNetworkAccess": True, "ignoreDefaultPackageServers": True})
    )
    mark.write_text(_wanted(source))
    return place


def _wanted(source: Path) -> str:
    return (source / "assembled").read_text() + Path(__file__).read_text()


def _list_anew(folder: Path) -> None:
    index = folder / ".index.json"
    listed: dict[str, Any] = json.loads(index.read_text())
    kept = [row for row in listed["files"] if row["filename"] != _BROUGHT_BY_THE_VALIDATOR]
    listed["files"] = [*kept, index_row("CodeSystem-bcp13.json", _MEDIA_TYPES)]
    index.write_text(json.dumps(listed))
