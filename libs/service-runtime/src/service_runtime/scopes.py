"""The grammar of scopes: `system/Task.rus` as in SMART App Launch 2, and `lahetti/cases.r` alike.

A granted scope names a thing and one or several of the letters c, r, u, d, s; a route asks for one letter.
What is ours and not FHIR also has the letter w, as `lahetti/secrets.w`.
Wildcards, version 1 words (`.read`) and search restrictions (`?…`) grant nothing here; the token endpoint
understands the first two, and spells what it grants in the letters.
"""

import re

_GRANT = re.compile(r"(system/[A-Z][A-Za-z]*(?=\.[cruds]+$)|lahetti/[a-z]+)\.([crudsw]{1,6})")
_ASKED = re.compile(r"system/([A-Z][A-Za-z]*|\*)\.([cruds]{1,5}|read|write|\*)")
_FIRST_VERSION = {"read": "rs", "write": "cud", "*": "cruds"}


def is_permission(text: str) -> bool:
    """Whether `text` asks for exactly one letter of one thing."""
    return permissions(text) == frozenset({text})


def permissions(scope: str) -> frozenset[str]:
    """All permissions that the space-separated `scope` grants; a part that does not fit grants none."""
    granted: set[str] = set()
    for part in scope.split():
        match = _GRANT.fullmatch(part)
        if match:
            thing, letters = match.groups()
            granted.update(f"{thing}.{letter}" for letter in letters)
    return frozenset(granted)


def narrowed(asked: str, allowed: str) -> str:
    """What of the space-separated `asked` lies within `allowed`, spelled as version 2 does, in fixed order.

    Asked may be in the spellings of SMART 2 (`system/Task.rs`) and 1 (`system/Task.read`, `.write`, `.*`),
    and for all things together (`system/*.rs`); `allowed` is in our grammar. A part with a search restriction
    (`?…`), or that is not understood, asks for nothing: granting it whole would grant more than was asked.
    """
    granted: dict[str, set[str]] = {}
    may = [one for one in permissions(allowed) if one.startswith("system/")]
    for part in asked.split():
        match = _ASKED.fullmatch(part)
        if match is None:
            continue
        wanted, spelled = match.groups()
        letters = _FIRST_VERSION.get(spelled, spelled)
        for permission in may:
            thing, _, letter = permission.rpartition(".")
            if letter in letters and wanted in {"*", thing.removeprefix("system/")}:
                granted.setdefault(thing, set()).add(letter)
    return " ".join(
        f"{thing}.{''.join(sorted(has, key='cruds'.index))}" for thing, has in sorted(granted.items())
    )
