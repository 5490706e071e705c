"""The grammar of scopes: `system/Task.rus` as in SMART App Launch 2, and `lahetti/cases.r` alike.

A granted scope names a thing and one or several of the letters c, r, u, d, s; a route asks for one letter.
What is ours and not FHIR also has the letter w, as `lahetti/secrets.w`.
Wildcards, version 1 words (`.read`) and search restrictions (`?…`) grant nothing here.
"""

import re

_GRANT = re.compile(r"(system/[A-Z][A-Za-z]*(?=\.[cruds]+$)|lahetti/[a-z]+)\.([crudsw]{1,6})")


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
