"""Our profiles as rows of the validation table: what each asks beyond R4's own type."""

from collections.abc import Mapping
from typing import Any

from base_table import Row, Vocabulary, rules_of, targets_of
from definitions import Definition

_VALUED = ("fixed", "pattern")


def profile_row(profile: Definition, vocabulary: Vocabulary, profiles: Mapping[str, Definition]) -> Row:
    """The tree of what `profile` asks: a node an element, slices beside the element that they divide."""
    tree: Row = {}
    told = {one["id"]: one for one in profile["differential"]["element"]}
    for element in profile["snapshot"]["element"]:
        if element["id"] in told:
            node = _at(tree, element["id"])
            node |= _asked(element, told[element["id"]], profile, vocabulary, profiles)
    for told_of_the_whole in ("min", "max"):
        tree.pop(told_of_the_whole, None)
    _name_slices(tree, profile, profiles)
    _prune(tree)
    row: Row = {"type": profile["type"], "tree": tree}
    if profile["type"] == "Extension":
        row["context"] = [one["expression"] for one in profile.get("context", ())]
    return row


def _at(tree: Row, element: str) -> Row:
    """The node of the element with that id, made with its parents where it is not there."""
    node = tree
    for step in element.split(".")[1:]:
        name, _, sliced = step.partition(":")
        node = node.setdefault("elements", {}).setdefault(name.removesuffix("[x]"), {})
        if sliced:
            node = node.setdefault("slices", {}).setdefault(sliced, {})
    return node


def _asked(
    element: Mapping[str, Any],
    told: Mapping[str, Any],
    profile: Definition,
    vocabulary: Vocabulary,
    profiles: Mapping[str, Definition],
) -> Row:
    base = element.get("base", {"min": 0, "max": "*"})
    is_slice = ":" in element["id"].rpartition(".")[2]
    asked: Row = {}
    if element["min"] > (0 if is_slice else base["min"]):
        asked["min"] = element["min"]
    if element["max"] != "*" and (is_slice or element["max"] != base["max"]):
        asked["max"] = int(element["max"])
    for kind in _VALUED:
        for name, value in told.items():
            if name.startswith(kind):
                asked[kind] = value
    if bound := vocabulary.name(told.get("binding")):
        asked["codes"] = bound
    if rules := rules_of(told, own=profile["url"]):
        asked["rules"] = rules
    if types := told.get("type"):
        asked |= _types(element, types, profiles)
    return asked


def _types(
    element: Mapping[str, Any], types: list[dict[str, Any]], profiles: Mapping[str, Definition]
) -> Row:
    asked: Row = {}
    if element["path"].endswith("[x]"):
        asked["types"] = sorted(one["code"] for one in types)
    addresses = [address for one in types for address in one.get("targetProfile", ())]
    ours = {profiles[address]["type"]: address for address in addresses if address in profiles}
    others = targets_of([{"targetProfile": [one for one in addresses if one not in profiles]}]) or []
    if addresses:
        asked["targets"] = {**dict.fromkeys(others), **ours}
    if element["type"][0]["code"] == "Extension" and (urls := types[0].get("profile")):
        asked["extension"] = urls[0]
    return asked


def _prune(node: Row) -> None:
    """Leave out the elements of which nothing is asked."""
    for child in node.get("elements", {}).values():
        _prune(child)
    if "elements" in node:
        node["elements"] = {name: child for name, child in node["elements"].items() if child}
        if not node["elements"]:
            del node["elements"]


def _name_slices(node: Row, profile: Definition, profiles: Mapping[str, Definition]) -> None:
    """Say of each slice how its members are known: by url, by pattern, by codes, or by a target's type."""
    for child in node.get("elements", {}).values():
        _name_slices(child, profile, profiles)
        for name, part in child.get("slices", {}).items():
            _name_slices(part, profile, profiles)
            if "extension" in part:
                part["by"] = {"url": part.pop("extension")}
            elif "pattern" in part:
                part["by"] = {"pattern": part.pop("pattern")}
            elif "codes" in part:
                part["by"] = {"codes": part.pop("codes")}
            elif "targets" in part:
                part["by"] = {"targets": sorted(part["targets"])}
            else:
                raise ValueError(f"{profile['id']}: no way is known to tell the slice {name}")
