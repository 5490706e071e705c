"""What the committed profiles demand, read from their snapshots and from nothing that we compile: the list
of what must have a fault of its own."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from support.examples import ROOT

RESOURCES = ROOT / "fhir-profiles" / "resources"
STRUCTURES: Mapping[str, dict[str, Any]] = {
    one["id"]: one
    for one in (json.loads(file.read_text()) for file in sorted(RESOURCES.glob("StructureDefinition-*.json")))
}
_IDENTITY = "Extension.url"
"""An extension's own address: with another one it is another extension, and no fault of this one."""


@dataclass(frozen=True)
class Demand:
    """One thing that a profile demands of one element: `kind` is min, max, value, binding, target, type or
    the key of an invariant."""

    profile: str
    element: str
    kind: str
    told: Any = None
    """What the profile says there: a number, a value set, the types allowed."""

    def __str__(self) -> str:
        return f"{self.profile} {self.element} {self.kind}"


def demands() -> Iterator[Demand]:
    """Everything that our profiles demand beyond R4."""
    for profile, structure in STRUCTURES.items():
        whole = {one["id"]: one for one in structure["snapshot"]["element"]}
        for element in structure["differential"]["element"]:
            if element["id"] != _IDENTITY:
                yield from _of_element(profile, element, whole[element["id"]])


def _of_element(profile: str, said: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[Demand]:
    name = said["id"]
    for rule in said.get("constraint", ()):
        yield Demand(profile, name, rule["key"])
    if "." not in name:
        return
    base, is_slice = whole["base"], ":" in name.rpartition(".")[2]
    if whole["min"] > (0 if is_slice else base["min"]):
        yield Demand(profile, name, "min", whole["min"])
    if whole["max"] != "*" and (is_slice or whole["max"] != base["max"]):
        yield Demand(profile, name, "max", int(whole["max"]))
    if any(key.startswith(("fixed", "pattern")) for key in said):
        yield Demand(profile, name, "value")
    if said.get("binding", {}).get("strength") == "required":
        yield Demand(profile, name, "binding", said["binding"]["valueSet"])
    types = said.get("type", ())
    if targets := [target for one in types for target in one.get("targetProfile", ())]:
        yield Demand(profile, name, "target", tuple(_type(target) for target in targets))
    if name.endswith("[x]") and types:
        yield Demand(profile, name, "type", tuple(one["code"] for one in types))


def _type(canonical: str) -> str:
    last = canonical.rpartition("/")[2]
    return STRUCTURES[last]["type"] if last in STRUCTURES else last
