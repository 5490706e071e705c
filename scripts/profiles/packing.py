"""The resources as one FHIR package that other tools load (https://confluence.hl7.org/display/FHIR/NPM+Package+Specification)."""

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

NAME = "lahetti.fhir"
VERSION = "0.1.0"
FILE = f"{NAME}-{VERSION}.tgz"

_DESCRIPTION = {
    "name": NAME,
    "version": VERSION,
    "tools-version": 3,
    "type": "IG",
    "license": "Apache-2.0",
    "canonical": "https://lahetti.example/fhir",
    "title": "Lähetti",
    "description": "Profiles and terminology of health referrals whose loop closes.",
    "fhirVersions": ["4.0.1"],
    "dependencies": {"hl7.fhir.r4.core": "4.0.1"},
    "author": "Lähetti",
}
_INDEXED = ("resourceType", "id", "url", "version", "kind", "type")


def packed(resources: Mapping[str, dict[str, Any]]) -> bytes:
    """The package of `resources` (by file name) as a `.tgz`: the same bytes for the same resources."""
    index = [index_row(name, resource) for name, resource in sorted(resources.items())]
    members = {"package.json": _DESCRIPTION, ".index.json": {"index-version": 2, "files": index}}
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in [*members.items(), *sorted(resources.items())]:
            raw = as_text(content).encode()
            member = tarfile.TarInfo(f"package/{name}")  # time 0, owner 0: nothing of the machine gets in
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    return gzip.compress(plain.getvalue(), mtime=0)


def index_row(filename: str, resource: Mapping[str, Any]) -> dict[str, Any]:
    """What a package's `.index.json` says of one file."""
    return {"filename": filename} | {key: resource[key] for key in _INDEXED if key in resource}


def same_content(one: bytes, other: bytes) -> bool:
    """Whether two packages hold the same files; two builds of zlib may compress them differently."""
    return gzip.decompress(one) == gzip.decompress(other)


def as_text(resource: Mapping[str, Any]) -> str:
    """A resource as it is committed."""
    return json.dumps(resource, indent=2, ensure_ascii=False) + "\n"
