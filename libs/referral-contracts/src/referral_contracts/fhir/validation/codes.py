"""Which codes a value set holds, whether a coded value is among them, and which codes there are at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from referral_contracts.fhir.table import row


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
    unknown_in = _unknown_in(system, code)
    return unknown_in is not None and (of_any_version or coding.get("version", unknown_in) == unknown_in)


@lru_cache(maxsize=2048)
def _unknown_in(system: str, code: str) -> str | None:
    """The version of the system that has no such code; None where it has it, or nothing is known."""
    exact, any_case = _published()
    text = exact.get(system)
    if text is None:
        text, code = any_case.get(system), code.casefold()
    if text is None or ("|" not in code and f"|{code}|" in text):
        return None
    return text.partition("|")[0]


@cache
def _published() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """By system `VERSION|CODE|CODE|`: where case tells codes apart, and where it does not (in lower case)."""
    told = json.loads(files("referral_contracts.fhir").joinpath("code_systems.json").read_bytes())
    return told["exact"], told["any_case"]
