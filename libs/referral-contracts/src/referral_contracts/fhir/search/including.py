"""What comes along with matches: which resources they refer to, and reading a neighbour's answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from referral_contracts.errors import refuse
from referral_contracts.fhir.search.bundle import Hit
from referral_contracts.fhir.search.definitions import Include


def referred(matches: Iterable[Hit], includes: Sequence[Include]) -> Mapping[str, list[str]]:
    """Ids by type of all that `includes` bring along with `matches`, each once, in order of appearance. What
    is referred to by an absolute address is somebody else's and does not come along."""
    found: dict[str, dict[str, None]] = {}
    for match in matches:
        resource = orjson.loads(match.body)
        for include in includes:
            for text in _references(resource, include.path):
                kind, _, resource_id = text.partition("/")
                if kind in include.targets and resource_id and "/" not in resource_id:
                    found.setdefault(kind, {})[resource_id] = None
    return {kind: list(ids) for kind, ids in found.items()}


def hits_of(status: int, body: bytes, kind: str) -> list[Hit]:
    """The matches of the type `kind` in what one of our own services answered to a search. Raises
    `include-withheld` where whoever asks may search for none, `include-unavailable` for any other answer."""
    if status != 200:
        slug = "include-withheld" if status in {401, 403, 404} else "include-unavailable"
        raise refuse(slug, type=kind)
    try:
        bundle: dict[str, Any] = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refuse("include-unavailable", type=kind) from None
    return [
        Hit(entry["resource"]["resourceType"], entry["resource"]["id"], orjson.dumps(entry["resource"]))
        for entry in bundle.get("entry", [])
        if entry.get("search", {}).get("mode") == "match"
    ]


def _references(value: Any, path: Sequence[str]) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _references(item, path)
    elif isinstance(value, dict):
        if path:
            yield from _references(value.get(path[0]), path[1:])  # pyright: ignore[reportUnknownMemberType]
        elif isinstance(text := value.get("reference"), str):  # pyright: ignore[reportUnknownMemberType]
            yield text
