"""Whether two posts are the same request (fhir.md, "Identity of a request").

An honest retry has fresh `urn:uuid`s and perhaps another order; it says the same.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from referral_contracts.fhir.references import entries_by_url

_NOT_CONTENT = frozenset({"meta", "text"})


def content_hash(bundle: Mapping[str, Any]) -> bytes:
    """SHA-256 (32 bytes) of what the structurally sound `bundle` says.

    All entries count, without Bundle.id, fullUrl, and `meta` and `text` of each resource and contained
    resource. A reference to an entry is replaced by that entry's place among its fellows of one type, so
    neither fresh `urn:uuid`s nor another order of types change anything; every other reference stays as it
    is, logical ones with their identifier. Security labels (turvakielto, test) are content though they
    stand in `meta`: they decide where a referral may go.
    """
    entries: Sequence[Mapping[str, Any]] = bundle.get("entry", [])
    order = sorted(range(len(entries)), key=lambda index: (_type(entries[index]), index))
    place = {old: new for new, old in enumerate(order)}
    places = {url: place[index] for url, index in entries_by_url(bundle).items()}
    said = {
        "type": bundle.get("type"),
        "entry": [[_resource(entries[i].get("resource"), places), entries[i].get("request")] for i in order],
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def _type(entry: Mapping[str, Any]) -> str:
    return entry.get("resource", {}).get("resourceType", "")


def _resource(resource: Any, places: Mapping[str, int]) -> Any:
    if not isinstance(resource, dict):
        return resource
    content = {name: _value(value, places) for name, value in resource.items() if name not in _NOT_CONTENT}
    contained = resource.get("contained")
    if isinstance(contained, list):
        content["contained"] = [_resource(part, places) for part in contained]
    meta = resource.get("meta")
    if isinstance(meta, dict) and "security" in meta:
        content["security"] = meta["security"]
    return content


def _value(value: Any, places: Mapping[str, int]) -> Any:
    if isinstance(value, dict):
        return {
            name: places.get(content, content)
            if name == "reference" and isinstance(content, str)
            else _value(content, places)
            if isinstance(content, (dict, list))
            else content
            for name, content in value.items()
        }
    if isinstance(value, list):
        return [_value(item, places) if isinstance(item, (dict, list)) else item for item in value]
    return value
