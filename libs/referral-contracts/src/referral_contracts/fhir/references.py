"""References inside a Bundle: what they point to, and rewriting them
(https://hl7.org/fhir/R4/bundle.html#references)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Rewrite = Callable[[str], str | None]


def entries_by_url(bundle: Mapping[str, Any]) -> dict[str, int]:
    """The index of each entry by its fullUrl. Of a fullUrl given twice the first one counts."""
    urls: dict[str, int] = {}
    for index, entry in enumerate(bundle.get("entry", [])):
        if url := entry.get("fullUrl"):
            urls.setdefault(url, index)
    return urls


def resolve(bundle: Mapping[str, Any], reference: str) -> dict[str, Any] | None:
    """The resource of `bundle` that `reference` points to; None for any other."""
    index = entries_by_url(bundle).get(reference)
    return None if index is None else bundle["entry"][index]["resource"]


def all_references(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """(FHIRPath expression, reference) of every `Reference.reference` inside `value`, which stands at
    `path`."""
    if isinstance(value, dict):
        for name, content in value.items():
            if name == "reference" and isinstance(content, str):
                yield f"{path}.reference", content
            elif isinstance(content, (dict, list)):
                yield from all_references(content, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, (dict, list)):
                yield from all_references(item, f"{path}[{index}]")


def rewritten(value: Any, rewrite: Rewrite) -> Any:
    """A copy of `value` in which each reference is what `rewrite` makes of it; None leaves it as it was."""
    if isinstance(value, dict):
        return {
            name: (rewrite(content) or content)
            if name == "reference" and isinstance(content, str)
            else rewritten(content, rewrite)
            if isinstance(content, (dict, list))
            else content
            for name, content in value.items()
        }
    if isinstance(value, list):
        return [rewritten(item, rewrite) if isinstance(item, (dict, list)) else item for item in value]
    return value
