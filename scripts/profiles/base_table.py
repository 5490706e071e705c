"""R4's own types as rows of the validation table."""

from collections.abc import Iterator, Mapping
from typing import Any

from definitions import Definition, core, types_and_resources
from expanding import Codes, NotEnumerableError, expanded

Row = dict[str, Any]

NATIVE = frozenset({"ele-1", "ext-1", "ref-1", "dom-3", "txt-1", "txt-2", "bdl-7"})
"""Invariants that the validator keeps by the way it walks (validation/walk.py), not by FHIRPath."""
_LEFT_OUT = frozenset({"ctm-1", "ig-1", "ig-2", "ras-2"})
"""Invariants that look into resources elsewhere, of types that no referral carries; and ras-2 (a probability
is at most 100), which FHIRPath leaves without an answer where a risk is given in words only."""
_TYPE_EXTENSION = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
_CORE = "http://hl7.org/fhir/StructureDefinition/"


class Vocabulary:
    """The value sets that rows name; one whose codes are not all known is left out, and told in `open`."""

    def __init__(self, definitions: Mapping[str, Definition]) -> None:
        self._definitions = definitions
        self.rows: dict[str, Codes] = {}
        self.open: set[str] = set()

    def name(self, binding: Mapping[str, Any] | None) -> str | None:
        """The value set that a required `binding` asks for; None where it asks nothing that we can check."""
        if binding is None or binding["strength"] != "required" or "valueSet" not in binding:
            return None
        url = binding["valueSet"].partition("|")[0]
        if url not in self.rows and url not in self.open:
            try:
                self.rows[url] = expanded(url, self._definitions)
            except NotEnumerableError:
                self.open.add(url)
        return url if url in self.rows else None


def base_rows(vocabulary: Vocabulary) -> Iterator[tuple[str, Row]]:
    """(name, row) of every type: elements by JSON name, rules, whether it is a resource."""
    for definition in types_and_resources():
        if definition["abstract"] and definition["id"] not in {"Element", "BackboneElement"}:
            continue
        yield from _rows_of(definition, vocabulary)


def rules_of(element: Mapping[str, Any], *, own: str | None = None) -> list[list[str]]:
    """[key, FHIRPath] of the constraints of `element` that are errors and not kept natively; with `own` those
    of that source alone."""
    return [
        [one["key"], one["expression"]]
        for one in element.get("constraint", ())
        if one["severity"] == "error"
        and one["key"] not in NATIVE | _LEFT_OUT
        and (own is None or one.get("source") == own)
    ]


def targets_of(types: list[dict[str, Any]]) -> list[str] | None:
    """The resource types that a reference of these `types` may point to; None for any."""
    profiles = [profile for one in types for profile in one.get("targetProfile", ())]
    names = sorted({type_of(profile) for profile in profiles})
    return None if not names or "Resource" in names else names


def type_of(profile: str) -> str:
    """The resource type of a profile of R4's own: the last word of its address."""
    return core()[profile]["type"] if profile in core() else profile.rpartition("/")[2]


def _rows_of(definition: Definition, vocabulary: Vocabulary) -> Iterator[tuple[str, Row]]:
    elements = definition["snapshot"]["element"]
    name = definition["id"]
    root = definition["type"]
    holders = {root} | {one["path"] for one in elements if _is_part(one) and one["path"] != root}
    rows: dict[str, Row] = {holder: {"elements": {}} for holder in holders}
    for element in elements:
        path = element["path"]
        if path in rows and (rules := rules_of(element)):
            rows[path]["rules"] = rules
        if path == root or element["max"] == "0":
            continue
        holder, _, last = path.rpartition(".")
        for json_name, told in _told(element, last, definition, vocabulary):
            rows[holder]["elements"][json_name] = told
    if definition["kind"] == "resource":
        rows[root]["resource"] = True
    for holder, row in sorted(rows.items()):
        yield name + holder.removeprefix(root), row


def _is_part(element: Mapping[str, Any]) -> bool:
    codes = [one["code"] for one in element.get("type", ())]
    return codes in (["BackboneElement"], ["Element"])


def _told(
    element: Mapping[str, Any], last: str, definition: Definition, vocabulary: Vocabulary
) -> Iterator[tuple[str, Row]]:
    """(JSON name, what the table says of it) of one element: one name for each type of a choice."""
    told: Row = {}
    if element["min"]:
        told["min"] = element["min"]
    if element["max"] != "1":
        told["many"] = True
    if bound := vocabulary.name(element.get("binding")):
        told["codes"] = bound
    if "contentReference" in element:
        yield last, {"type": element["contentReference"].rpartition("#")[2], **told}
        return
    if _is_part(element):
        yield last, {"type": definition["id"] + element["path"].removeprefix(definition["type"]), **told}
        return
    if rules := rules_of(element):
        told["rules"] = rules
    stem = last.removesuffix("[x]")
    for one in element["type"]:
        name = last if stem == last else stem + _type_name(one)[0].upper() + _type_name(one)[1:]
        row = {"type": _type(one, element["path"], definition), **told}
        if stem != last:
            row["choice"] = stem
        if targets := targets_of([one]):
            row["targets"] = targets
        yield name, row


def _type_name(told: Mapping[str, Any]) -> str:
    return told["code"].rpartition("/")[2].rpartition(".")[2]


def _type(told: Mapping[str, Any], path: str, definition: Definition) -> str:
    """The type's name; a resource's own id is an `id`, which R4's definitions call a string."""
    if path == f"{definition['type']}.id" and definition["kind"] == "resource":
        return "id"
    for extension in told.get("extension", ()):
        if extension["url"] == _TYPE_EXTENSION:
            return extension["valueUrl"]
    profiles = [profile.removeprefix(_CORE) for profile in told.get("profile", ())]
    narrowed = [name for name in profiles if name in {"SimpleQuantity", "MoneyQuantity"}]
    return narrowed[0] if narrowed else _type_name(told)
