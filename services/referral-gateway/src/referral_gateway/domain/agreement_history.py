"""What a load of the county changed in its agreements: what was, what is, and where they differ (D27)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

Content = Mapping[str, Any]
"""An agreement as its file says it."""


@dataclass(frozen=True, slots=True)
class Load:
    """One load that changed the county: its version, when, by which client, and the digest of the folder."""

    version: int
    at: datetime
    by: str
    digest: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not as it was; None where there was, or is, none. `place` is a path in the
    agreement; parties are named by provider and service, as their order says nothing."""

    place: str
    was: Any
    now: Any


@dataclass(frozen=True, slots=True)
class AgreementChange:
    """What one load did to one agreement; `was` is None for a new one, `now` for one that is gone."""

    load: Load
    agreement: str
    was: Content | None
    now: Content | None

    @property
    def kind(self) -> Literal["added", "changed", "removed"]:
        if self.was is None:
            return "added"
        return "changed" if self.now is not None else "removed"

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Each value that differs, by its place; empty for what is new or gone as a whole."""
        if self.was is None or self.now is None:
            return ()
        was, now = dict(_values("", self.was)), dict(_values("", self.now))
        places = [place for place in (was | now) if was.get(place) != now.get(place)]
        return tuple(Difference(place, was.get(place), now.get(place)) for place in sorted(places))


def agreement_changes(
    load: Load, before: Mapping[str, Content], after: Mapping[str, Content]
) -> Iterator[AgreementChange]:
    """What `load` changed, by the agreements' ids; nothing for what stayed."""
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        change = AgreementChange(load, name, was, now)
        if change.kind != "changed" or change.differences:
            yield change


def _values(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every value that is no object, with its path."""
    if isinstance(value, dict):
        for name, inner in cast(dict[str, Any], value).items():
            yield from _values(f"{place}.{name}" if place else name, inner)
    elif place == "parties":
        for party in value:
            yield from _values(f"parties[{_name(party)}]", party)
    else:
        yield place, value


def _name(party: Content) -> str:
    parts = [party["provider"], party["service"]]
    return "/".join([*parts, party["course"]["id"]] if "course" in party else parts)
