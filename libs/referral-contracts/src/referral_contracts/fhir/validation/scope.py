"""What stands around an element: its resource, what that contains, and the Bundle's other entries."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from referral_contracts.fhir.fhirpath import Around
from referral_contracts.fhir.validation.shapes import shape_named

_LITERAL = re.compile(
    r"(?:[a-z]+://\S+/)?([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?"
).fullmatch
_PLAIN = re.compile(r"[^\s?]+").fullmatch
_BLANK = re.compile(r"\s").search
_SEARCH = re.compile(r"[A-Z][A-Za-z]+\?").match
_BASE = "http://hl7.org/fhir/StructureDefinition/"
Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What a reference points to: the type that it says or its target has, and the target and its FHIRPath
    where it is in the document."""

    type_name: str
    resource: Resource | None = None
    path: str = ""


@dataclass(slots=True, eq=False)
class Scope:
    """Where the walk is. `entries` are the Bundle's by fullUrl, None outside a Bundle. Nobody changes it."""

    resource: Resource
    path: str
    root: Resource
    root_path: str
    entries: Mapping[str, Found] | None

    around: Around = field(init=False)
    """What invariants may see."""

    def __post_init__(self) -> None:
        self.around = Around(self.resource, self.root)

    def admits(self, reference: str) -> bool:
        """Whether `reference` has the form of one: no blanks, and a search only where a transaction can look
        for what is meant."""
        if _PLAIN(reference):
            return True
        return not _BLANK(reference) and (self.entries is not None or not _SEARCH(reference))

    def dangles(self, reference: str) -> bool:
        """Whether `reference` promises something in this document that is not there."""
        if reference.startswith("#"):
            if len(reference) == 1:  # what contains this; nothing does where this is the whole
                return self.resource is self.root
            return self._contained(reference) is None
        return reference.startswith("urn:") and self.entries is not None and reference not in self.entries

    def find(self, reference: str) -> Found | None:
        """What `reference` points to; None where nothing is known of it."""
        if reference.startswith("#"):
            return self._contained(reference) if len(reference) > 1 else _found(self.root, self.root_path)
        if self.entries is not None and (entry := self.entries.get(reference)) is not None:
            return entry
        match = _LITERAL(reference)
        if match is None and reference.isalpha() and shape_named(reference) is not None:
            return Found("StructureDefinition")  # the definition of a type goes by its name
        return Found(match[1]) if match else None

    def _contained(self, reference: str) -> Found | None:
        contained = self.root.get("contained")
        for index, one in enumerate(contained if isinstance(contained, list) else ()):
            if isinstance(one, dict) and one.get("id") == reference[1:]:
                return _found(one, f"{self.root_path}.contained[{index}]")
        return None


def scope_of(resource: Resource, path: str, outer: Scope | None) -> Scope:
    """The scope inside `resource`, whose type is known; `outer` is that of what holds it. What a Bundle or a
    Parameters holds stands for itself, what any other resource contains is part of it."""
    if resource["resourceType"] == "Bundle":
        return Scope(resource, path, resource, path, _entries(resource, path))
    if outer is None:
        return Scope(resource, path, resource, path, None)
    if outer.resource["resourceType"] in {"Bundle", "Parameters"}:
        return Scope(resource, path, resource, path, outer.entries)
    return Scope(resource, path, outer.root, outer.root_path, outer.entries)


def _entries(bundle: Resource, path: str) -> Mapping[str, Found]:
    """The resources of a Bundle by fullUrl; of a fullUrl given twice the first one counts."""
    found: dict[str, Found] = {}
    entries = bundle.get("entry")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            continue
        url, resource = entry.get("fullUrl"), entry.get("resource")
        if isinstance(url, str) and isinstance(resource, dict):
            found.setdefault(url, _found(resource, f"{path}.entry[{index}].resource"))
    return found


def _found(resource: Resource, path: str) -> Found:
    name = resource.get("resourceType")
    return Found(name if isinstance(name, str) else "", resource, path)


def other_type(value: Resource, targets: frozenset[str] | None, target: Found | None) -> Iterable[str] | None:
    """The types that a reference may have, where it has or says another; None where it is as it may be."""
    if target is not None and targets is not None and target.type_name not in targets:
        return targets
    said = value.get("type")
    if not isinstance(said, str):
        return None
    if targets is not None and said.removeprefix(_BASE) not in targets:
        return targets
    if target is not None and said != target.type_name and shape_named(target.type_name) is not None:
        return [target.type_name]
    return None
