"""Invariants of R4 that are kept without FHIRPath, because they look at the whole document."""

from collections.abc import Iterator
from typing import Any


def useless_contained(resource: dict[str, Any]) -> Iterator[int]:
    """The places of contained resources that nothing refers to and that refer to nothing outside (dom-3)."""
    contained = resource.get("contained")
    if not isinstance(contained, list):
        return
    named = set(_texts(resource))
    for index, one in enumerate(contained):
        if isinstance(one, dict) and f"#{one.get('id')}" not in named and "#" not in _texts(one):
            yield index


def repeated_contained(resource: dict[str, Any]) -> Iterator[int]:
    """The places of contained resources whose id an earlier one has: a reference would mean either."""
    contained = resource.get("contained")
    known: set[str] = set()
    for index, one in enumerate(contained if isinstance(contained, list) else ()):
        name = one.get("id") if isinstance(one, dict) else None
        if isinstance(name, str):
            if name in known:
                yield index
            known.add(name)


def has_value(extension: dict[str, Any]) -> bool:
    """Whether an extension has a value of whatever type (ext-1: else it has extensions, and never both)."""
    return any(name.startswith(("value", "_value")) for name in extension)


def repeated_urls(bundle: dict[str, Any]) -> Iterator[int]:
    """The places of entries whose fullUrl an earlier entry of the same version has, in all but a history
    (bdl-7)."""
    entries = bundle.get("entry")
    known: set[tuple[str, str]] = set()
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        url = entry.get("fullUrl") if isinstance(entry, dict) else None
        if not isinstance(url, str) or bundle.get("type") == "history":
            continue
        resource = entry.get("resource")
        meta = resource.get("meta") if isinstance(resource, dict) else None
        mark = (url, str(meta.get("versionId")) if isinstance(meta, dict) else "None")
        if mark in known:
            yield index
        known.add(mark)


def _texts(value: Any) -> Iterator[str]:
    """Every string inside `value`."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for content in value.values():
            yield from _texts(content)
    elif isinstance(value, list):
        for content in value:
            yield from _texts(content)
