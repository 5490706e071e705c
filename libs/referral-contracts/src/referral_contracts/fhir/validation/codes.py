"""Which codes a value set holds, whether a coded value is among them, and which codes there are at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from referral_contracts.fhir.table import row

_LONGEST_CODE = 200
"""Characters; no published code is as long."""


@dataclass(frozen=True, slots=True)
class Codes:
    """A value set: its codes by code system, and all of them for elements of type `code`."""

    by_system: Mapping[str, frozenset[str]]
    every: frozenset[str]

    def hold(self, value: Any) -> bool:
        """Whether a code, Coding, CodeableConcept or Quantity is bound as it must be: of a CodeableConcept
        one coding is enough."""
        if isinstance(value, str):
            return value in self.every
        if not isinstance(value, dict):
            return False
        if "coding" in value:
            codings = value["coding"]
            return isinstance(codings, list) and any(map(self._holds, codings))
        return self._holds(value)

    def speaks_of(self, value: Any) -> bool:
        """Whether a CodeableConcept has a coding of one of the value set's code systems."""
        codings = value.get("coding") if isinstance(value, dict) else None
        if not isinstance(codings, list):
            return False
        systems = [one.get("system") for one in codings if isinstance(one, dict)]
        return any(isinstance(system, str) and system in self.by_system for system in systems)

    def _holds(self, coding: Any) -> bool:
        if not isinstance(coding, dict):
            return False
        system, code = coding.get("system"), coding.get("code")
        return isinstance(system, str) and isinstance(code, str) and code in self.by_system.get(system, ())


@cache
def codes_of(value_set: str) -> Codes:
    """The codes of the value set with that address. Raises LookupError where the table has none."""
    told = row(value_set)
    if told is None:
        raise LookupError(value_set)
    by_system = {system: frozenset(codes) for system, codes in told.items()}
    return Codes(by_system, frozenset[str]().union(*by_system.values()))


def is_unknown(coding: Mapping[str, Any], *, of_any_version: bool) -> bool:
    """Whether the code of a Coding or Quantity is none of its system's, where that system is published whole
    (by HL7 or by us); of other systems nothing is known, and every code stands.

    Unless `of_any_version`, a Coding that names another version of the system than the published one stands
    too: that version may have more codes.
    """
    system, code = coding.get("system"), coding.get("code")
    if not isinstance(system, str) or not isinstance(code, str):
        return False
    published = _published().get(system)
    if published is None or (len(code) <= _LONGEST_CODE and _has(system, code)):
        return False
    return of_any_version or coding.get("version", published.version) == published.version


class _Published(NamedTuple):
    """A code system that is published whole: its `codes` as `|CODE|CODE|`, in lower case where case does not
    tell them apart."""

    version: str
    codes: str
    any_case: bool


@lru_cache(maxsize=2048)
def _has(system: str, code: str) -> bool:
    """Whether a published system has the code: the same few are asked for again and again."""
    published = _published()[system]
    return "|" not in code and f"|{code.casefold() if published.any_case else code}|" in published.codes


@cache
def _published() -> Mapping[str, _Published]:
    """By address; the file has `VERSION|CODE|CODE|` of each."""
    told = json.loads(files("referral_contracts.fhir").joinpath("code_systems.json").read_bytes())
    return {
        system: _Published(*_parted(text), any_case=kind == "any_case")
        for kind in ("exact", "any_case")
        for system, text in told[kind].items()
    }


def _parted(text: str) -> tuple[str, str]:
    version, bar, codes = text.partition("|")
    return version, bar + codes
