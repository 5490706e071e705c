"""A batch Bundle: what each entry asks, and what it is answered (https://hl7.org/fhir/R4/http.html#transaction).

Entries know nothing of each other: each is the single interaction that it names, with that one's rights,
refusals and versions.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import orjson

from referral_contracts.errors import refuse

MOST_ENTRIES = 100
_FHIR, _JSON_PATCH = "application/fhir+json", "application/json-patch+json"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"})
_STEP = r"/(?!\.{1,2}(?:/|\?|$))[A-Za-z0-9._$-]{1,64}"
_URL = re.compile(rf"(?:metadata|[A-Z][A-Za-z]{{1,60}}(?:{_STEP}){{0,3}})(?:\?[!-~]{{0,2000}})?").fullmatch
_CONDITIONS: Mapping[str, str] = {
    "ifMatch": "If-Match",
    "ifNoneMatch": "If-None-Match",
    "ifNoneExist": "If-None-Exist",
    "ifModifiedSince": "If-Modified-Since",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One entry as the request that it stands for; `url` is relative to the base, with its query."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def is_batch(bundle: Mapping[str, Any]) -> bool:
    """Whether `bundle` calls itself a batch."""
    return bundle.get("resourceType") == "Bundle" and bundle.get("type") == "batch"


def entries_of(bundle: Mapping[str, Any]) -> Sequence[Any]:
    """The entries, whatever they are. Raises `invalid-value` where they are no list, `too-many-entries`."""
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise refuse("invalid-value", "Bundle.entry")
    if len(entries) > MOST_ENTRIES:
        raise refuse("too-many-entries", "Bundle.entry", limit=str(MOST_ENTRIES))
    return entries


def asked(entry: Any, index: int, base: str) -> Asked:
    """What the entry at `index` asks; its url may stand below `base`, the public FHIR base.

    Raises what is wrong with the entry itself, with its place in the Bundle.
    """
    place = f"Bundle.entry[{index}]"
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        raise refuse("required-element", f"{place}.request")
    method, url = request.get("method"), request.get("url")
    if method not in _METHODS:
        raise refuse("invalid-value", f"{place}.request.method")
    relative = url.removeprefix(f"{base}/") if isinstance(url, str) else ""
    if not _URL(relative):
        raise refuse("invalid-value", f"{place}.request.url")
    body, media = (b"", None) if method in {"GET", "HEAD", "DELETE"} else _body(entry, method, place)
    headers = {"Content-Type": media} if media else {}
    for name, header in _CONDITIONS.items():
        if (value := request.get(name)) is not None:
            if not isinstance(value, str) or not (value.isascii() and value.isprintable()):
                raise refuse("invalid-value", f"{place}.request.{name}")
            headers[header] = value
    return Asked(method, relative, headers, body)


def answered(
    status: int, headers: Mapping[str, str], body: bytes, *, about_change: bool = False
) -> dict[str, Any]:
    """The entry that tells an answer. `headers` by lower-case name; with `about_change` an OperationOutcome
    is about the change, as Prefer wanted it, and not what was asked for."""
    response: dict[str, Any] = {"status": f"{status} {HTTPStatus(status).phrase}"}
    if "location" in headers:
        response["location"] = headers["location"]
    if "etag" in headers:
        response["etag"] = headers["etag"]
    if "last-modified" in headers:
        changed = parsedate_to_datetime(headers["last-modified"]).astimezone(UTC)
        response["lastModified"] = changed.isoformat(timespec="seconds")
    entry: dict[str, Any] = {"response": response}
    if body and (status >= 400 or about_change):
        response["outcome"] = orjson.Fragment(body)
    elif body:
        entry["resource"] = orjson.Fragment(body)
    return entry


def _body(entry: Mapping[str, Any], method: str, place: str) -> tuple[bytes, str]:
    """The resource as bytes with its media type; a JSON Patch comes in a Binary
    (https://hl7.org/fhir/R4/http.html#jsonpatch)."""
    resource = entry.get("resource")
    if not isinstance(resource, dict):
        raise refuse("required-element", f"{place}.resource")
    if method != "PATCH" or resource.get("resourceType") != "Binary":
        return orjson.dumps(resource), _FHIR
    if resource.get("contentType") != _JSON_PATCH:
        raise refuse("invalid-value", f"{place}.resource.contentType")
    try:
        return base64.b64decode(resource["data"], validate=True), _JSON_PATCH
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise refuse("invalid-value", f"{place}.resource.data") from None
