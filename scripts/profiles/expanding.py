"""The codes of a value set, where its definition and its code systems name them all."""

from collections.abc import Iterator, Mapping
from typing import Any

from definitions import Definition

Codes = dict[str, list[str]]
"""Codes by code system."""


class NotEnumerableError(Exception):
    """The value set's codes are not all in the definitions (MIME types, units, languages)."""


def expanded(url: str, definitions: Mapping[str, Definition]) -> Codes:
    """The codes of the value set `url`. Raises NotEnumerableError."""
    value_set = definitions.get(url.partition("|")[0])
    if value_set is None or value_set["resourceType"] != "ValueSet":
        raise NotEnumerableError(url)
    compose = value_set.get("compose", {})
    codes: dict[str, set[str]] = {}
    for include in compose.get("include", ()):
        for system, code in _included(include, definitions):
            codes.setdefault(system, set()).add(code)
    for exclude in compose.get("exclude", ()):
        for system, code in _included(exclude, definitions):
            codes.get(system, set()).discard(code)
    if not any(codes.values()):
        raise NotEnumerableError(url)
    return {system: sorted(found) for system, found in sorted(codes.items())}


def _included(include: Mapping[str, Any], definitions: Mapping[str, Definition]) -> Iterator[tuple[str, str]]:
    for url in include.get("valueSet", ()):
        for system, codes in expanded(url, definitions).items():
            yield from ((system, code) for code in codes)
    if "system" not in include:
        return
    system = include["system"]
    if "concept" in include:
        yield from ((system, concept["code"]) for concept in include["concept"])
        return
    code_system = definitions.get(system)
    if code_system is None or code_system.get("content") != "complete":
        raise NotEnumerableError(system)
    known = list(_concepts(code_system.get("concept", ()), ()))
    for rule in include.get("filter", ()):
        if rule["op"] not in {"is-a", "descendent-of"} or rule["property"] != "concept":
            raise NotEnumerableError(system)
        top = rule["value"]
        known = [
            (code, above) for code, above in known if top in above or (code == top and rule["op"] == "is-a")
        ]
    yield from ((system, code) for code, _ in known)


def _concepts(concepts: Any, above: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(code, codes above it) of each concept; a parent may also be told by `subsumedBy` properties."""
    for concept in concepts:
        told = tuple(
            one.get("valueCode", "") for one in concept.get("property", ()) if one["code"] == "subsumedBy"
        )
        yield concept["code"], (*above, *told)
        yield from _concepts(concept.get("concept", ()), (*above, concept["code"]))
