"""The second walk: whether a resource keeps a profile, as far as that asks more than R4."""

from typing import Any

from referral_contracts.fhir.validation.findings import Findings
from referral_contracts.fhir.validation.kept import OnTarget, kept_look, member_of
from referral_contracts.fhir.validation.nodes import UNASKED, Node, Profile
from referral_contracts.fhir.validation.refined import SLUGS
from referral_contracts.fhir.validation.scope import Resource, Scope
from referral_contracts.fhir.validation.shapes import shape_named

_HOLLOW = object()
"""The value of a primitive that has only extensions: it is there, and says nothing."""
Items = list[tuple[Any, str]]
"""Values with their places."""


class Keeping:
    """One resource against profiles. `on_target` is told what a reference points to in the document, and
    the profile that it must keep."""

    def __init__(self, findings: Findings, on_target: OnTarget) -> None:
        self._found = findings
        self._on_target = on_target

    def keep(self, value: Any, profile: Profile, path: str, scope: Scope) -> None:
        """Find what `value`, which stands at `path`, lacks of `profile`; it may be of whatever form."""
        if self._found.issues or not kept_look(profile)(value, scope, self._on_target):
            self._keep(value, profile.root, path, scope)

    def _keep(self, value: Any, node: Node, path: str, scope: Scope) -> None:
        if node.fixed is not UNASKED and value != node.fixed:
            self._tell("fixed", "invalid-value", node, path)
        if node.fits is not None and not node.fits(value):
            coded = isinstance(value, dict)
            self._tell("pattern", "unknown-code" if coded else "invalid-value", node, path)
        if node.codes is not None and not node.codes.hold(value):
            self._tell("codes", "unknown-code", node, path)
        if node.targets is not None and isinstance(value, dict):
            self._target(value, node, path, scope)
        if isinstance(value, dict):
            for child in node.children:
                self._element(value, child, path, scope)
        if node.rules and not self._found.touch(path):
            self._rules(value, node, path, scope)

    def _element(self, holder: Resource, node: Node, path: str, scope: Scope) -> None:
        place = f"{path}.{node.step}"
        if self._found.blame(place):
            return
        items = _items(holder, node, place)
        for name in node.forbidden:
            if name in holder or f"_{name}" in holder:
                self._tell("type", "invalid-value", node, place)
                return
        self._count(len(items), node, place)
        for value, at in items:
            if not self._found.blame(at):
                self._keep(value, node, at, scope)
        for one in node.slices:
            is_its = member_of(one)
            members = [(value, at) for value, at in items if is_its(value, scope)]
            if (
                not members
                and one.codes is not None
                and any(one.codes.speaks_of(value) for value, _ in items)
            ):
                self._tell("codes", "unknown-code", one.node, place)
            else:
                self._count(len(members), one.node, place)
            for value, at in members:
                self._keep(value, one.node, at, scope)

    def _count(self, there: int, node: Node, place: str) -> None:
        if there < node.least:
            self._tell("min", "wrong-cardinality" if there else "required-element", node, place)
        if node.most is not None and there > node.most:
            self._tell("max", "wrong-cardinality", node, place)

    def _target(self, value: Resource, node: Node, path: str, scope: Scope) -> None:
        reference = value.get("reference")
        target = scope.find(reference) if isinstance(reference, str) else None
        targets = node.targets or {}
        if shape_named(said := value.get("type")) is not None and said not in targets:
            self._tell("target", "wrong-target", node, path, allowed=", ".join(targets))
            return
        if target is None:
            return
        if target.type_name not in targets:
            self._tell("target", "wrong-target", node, path, allowed=", ".join(targets))
        elif (profile := targets[target.type_name]) is not None and target.resource is not None:
            self._on_target(target, profile, scope)

    def _rules(self, value: Any, node: Node, path: str, scope: Scope) -> None:
        around = scope.around
        for rule in node.rules:
            if not rule.kept(value, around):
                self._found.broken(rule.key, path)

    def _tell(self, what: str, slug: str, node: Node, place: str, **params: str) -> None:
        self._found.add(SLUGS.get((node.id, what), slug), place, **params)


def _items(holder: Resource, node: Node, place: str) -> Items:
    """The element's values: one, or each of a list; a primitive with extensions alone counts as there."""
    items: Items = []
    for name in node.names:
        content = holder.get(name)
        if isinstance(content, list):
            items += [(value, f"{place}[{index}]") for index, value in enumerate(content)]
        elif content is not None:
            items.append((content, place))
        elif f"_{name}" in holder:
            items.append((_HOLLOW, place))
    return items
