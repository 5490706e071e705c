"""FHIRPath's logic of three values: true, false, and what cannot be said."""

from collections.abc import Callable, Mapping
from typing import Any

from referral_contracts.fhir.fhirpath.values import Around

Condition = Callable[[Any, Around], bool | None]
"""From the one item in focus to what is true, false or cannot be said (None)."""


def alike(left: Condition, right: Condition, wanted: bool) -> Condition:
    """Whether both say the same, or not the same where that is not wanted."""

    def compared(focus: Any, around: Around) -> bool | None:
        one, other = left(focus, around), right(focus, around)
        return None if one is None or other is None else (one is other) is wanted

    return compared


def _logic(left_decides: bool, right_decides: bool) -> Callable[[Condition, Condition], Condition]:
    """An operator of three values: either side decides alone when it is told so, and then the answer is what
    the right side would decide by; otherwise both must be known."""

    def operator(left: Condition, right: Condition) -> Condition:
        def value(focus: Any, around: Around) -> bool | None:
            one = left(focus, around)
            if one is left_decides:
                return right_decides
            other = right(focus, around)
            if other is right_decides:
                return right_decides
            return None if one is None or other is None else not right_decides

        return value

    return operator


LOGIC: Mapping[str, Callable[[Condition, Condition], Condition]] = {
    "and": _logic(False, False),
    "or": _logic(True, True),
    "implies": _logic(False, True),
}
