"""The quick look at a profile: most resources keep it, and need no walk that notes places."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from referral_contracts.fhir.validation.nodes import UNASKED, Node, Profile, Slice
from referral_contracts.fhir.validation.scope import Found, Resource, Scope
from referral_contracts.fhir.validation.sound import keeps

OnTarget = Callable[[Found, str, Scope], None]
"""Is told what a reference points to in the document, and the profile that it must keep."""
KeptLook = Callable[[Any, Scope, OnTarget], bool]
"""Whether a value is all that a profile asks of it; False says that the walk has to find out."""


@cache
def kept_look(profile: Profile) -> KeptLook:
    """A look at a resource or an extension that has to keep `profile`."""
    return _value_look(profile.root) or _anything


def _anything(_value: Any, _scope: Scope, _on_target: OnTarget) -> bool:
    return True


def _value_look(node: Node) -> KeptLook | None:
    """A look at one value; None where nothing is asked of it beyond its being there."""
    looks = [*_plain_looks(node)]
    if node.targets is not None:
        looks.append(_target_look(node.targets))
    if node.children:
        looks.append(_children_look(tuple(map(_element_look, node.children))))
    if rules := node.rules:
        looks.append(lambda value, scope, _on_target: keeps(value, rules, scope))
    return _all_of(looks)


def _plain_looks(node: Node) -> list[KeptLook]:
    looks: list[KeptLook] = []
    if (fixed := node.fixed) is not UNASKED:
        looks.append(lambda value, _scope, _on_target: value == fixed)
    if (fits := node.fits) is not None:
        looks.append(lambda value, _scope, _on_target: fits(value))
    if (codes := node.codes) is not None:
        looks.append(lambda value, _scope, _on_target: codes.hold(value))
    return looks


def _all_of(looks: list[KeptLook]) -> KeptLook | None:
    if len(looks) < 2:
        return looks[0] if looks else None

    def look(value: Any, scope: Scope, on_target: OnTarget) -> bool:
        for one in looks:  # noqa: SIM110 - a generator costs more than the look itself
            if not one(value, scope, on_target):
                return False
        return True

    return look


def _children_look(children: tuple[KeptLook, ...]) -> KeptLook:
    def look(value: Any, scope: Scope, on_target: OnTarget) -> bool:
        if type(value) is dict:
            for child in children:
                if not child(value, scope, on_target):
                    return False
        return True

    return look


def _element_look(node: Node) -> KeptLook:
    """A look at what holds an element: how many values there are, each of them, and its slices."""
    values, least, most = _values_of(node), node.least, node.most
    each, slices = _value_look(node), tuple(map(_slice_look, node.slices))
    is_optional = least == 0 and all(one.node.least == 0 for one in node.slices)

    def look(holder: Resource, scope: Scope, on_target: OnTarget) -> bool:
        items = values(holder)
        if not items:
            return items is not None and is_optional
        if len(items) < least or (most is not None and len(items) > most):
            return False
        if each is not None:
            for value in items:
                if not each(value, scope, on_target):
                    return False
        for one in slices:  # noqa: SIM110 - as above
            if not one(items, scope, on_target):
                return False
        return True

    return look


def _values_of(node: Node) -> Callable[[Resource], list[Any] | None]:
    """A function that gives an element's values; None where they have to be walked through."""
    labels = tuple(f"_{name}" for name in node.names)
    out = (*node.forbidden, *(f"_{name}" for name in node.forbidden), *labels)
    names = node.names

    def values(holder: Resource) -> list[Any] | None:
        items: list[Any] = []
        for name in names:
            content = holder.get(name)
            if type(content) is list:
                items += content
            elif content is not None:
                items.append(content)
        for name in out:
            if name in holder:
                return None
        return items

    return values


def _slice_look(one: Slice) -> KeptLook:
    """A look at all values of an element, for those that are the slice's."""
    is_its, each, codes = member_of(one), _value_look(one.node), one.codes
    least, most = one.node.least, one.node.most

    def look(items: list[Any], scope: Scope, on_target: OnTarget) -> bool:
        members = [value for value in items if is_its(value, scope)]
        if not members:
            return least == 0 and (codes is None or not any(map(codes.speaks_of, items)))
        if len(members) < least or (most is not None and len(members) > most):
            return False
        return each is None or all(each(value, scope, on_target) for value in members)

    return look


def _target_look(targets: Mapping[str, str | None]) -> KeptLook:
    def look(value: Any, scope: Scope, on_target: OnTarget) -> bool:
        if type(value) is not dict:
            return True
        said = value.get("type")
        if said is not None and said not in targets:
            return False
        reference = value.get("reference")
        target = scope.find(reference) if isinstance(reference, str) else None
        if target is None:
            return True
        if target.type_name not in targets:
            return False
        profile = targets[target.type_name]
        if profile is not None and target.resource is not None:
            on_target(target, profile, scope)
        return True

    return look


def member_of(one: Slice) -> Callable[[Any, Scope], bool]:
    """Whether a value is one of the slice's."""
    if (url := one.url) is not None:
        return lambda value, _scope: type(value) is dict and value.get("url") == url
    if (fits := one.fits) is not None:
        return lambda value, _scope: type(value) is dict and fits(value)
    if (codes := one.codes) is not None:
        return lambda value, _scope: type(value) is dict and codes.hold(value)
    targets = one.targets or frozenset()

    def is_its(value: Any, scope: Scope) -> bool:
        reference = value.get("reference") if type(value) is dict else None
        target = scope.find(reference) if isinstance(reference, str) else None
        return target is not None and target.type_name in targets

    return is_its
