"""The code systems that are published whole: which codes each has, and so which it has not.

A code that stands with one of these systems and is not among its codes is a slip, whoever writes it. A system
that is published in part, by example or not at all is left open, and so is every system that is not HL7's or
ours: a county's codes stand in the county's own systems.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from definitions import Definition, published
from folder import CONTRACTS

FILE = CONTRACTS / "fhir" / "code_systems.json"
_EDGE = "|"
"""Stands on both sides of every code; no code has it inside (checked)."""


def code_systems(ours: Mapping[str, Definition]) -> str:
    """The file's text: by what tells codes apart, by address, the system's version and codes in one text,
    each code between two edges.

    One text a system is small in memory, and to look for a code in it takes no more than to split it would.
    Of a system that R4 and HL7's newer terminology both publish the newer counts, as for the official
    validator.
    """
    found: dict[str, dict[str, str]] = {"exact": {}, "any_case": {}}
    for url, system in sorted({**published(), **ours}.items()):
        codes = sorted(set(_codes(system.get("concept", ()))))
        if system["resourceType"] != "CodeSystem" or system.get("content") != "complete":
            continue
        if _EDGE in url:  # a system's older version, which no Coding can name
            continue
        if any(_EDGE in code for code in codes):
            raise ValueError(f"{url} has a code with {_EDGE} in it")
        exact = system.get("caseSensitive", False)
        text = _EDGE + _EDGE.join(codes) + _EDGE
        version = system.get("version", "")
        found["exact" if exact else "any_case"][url] = version + (text if exact else text.casefold())
    return json.dumps(found, ensure_ascii=False, indent=0) + "\n"


def _codes(concepts: Any) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", ()))
