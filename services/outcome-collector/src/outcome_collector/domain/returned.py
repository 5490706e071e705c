"""What of a Task B goes on to Task A besides its state: results and comments, where the permission allows
it."""

from typing import Any

from outcome_collector.domain.task_documents import Document

CARRIED = ("contained", "executionPeriod", "note", "output")
_LISTS = ("contained", "note", "output")


def carried_to_a(a: Document, b: Document, *, return_permitted: bool, routed_anew: bool) -> Document:
    """Task A's document with B's results and comments; its status, reason and progress are set elsewhere.

    Without the permission to return nothing is carried. What an earlier provider reported stays while the new
    one has nothing of that kind to say (`routed_anew`)."""
    if not return_permitted:
        return dict(a)
    carried = dict(a)
    for element in CARRIED:
        if element in b:
            carried[element] = b[element]
        elif not routed_anew:
            carried.pop(element, None)
    if b.get("statusReason") is not None:
        carried["statusReason"] = b["statusReason"]
    return carried


def applied_to_theirs(theirs: Document, ours: Document, ours_before: Document) -> Document:
    """The record system's own Task A brought to what ours shows; everything that is not ours is kept as read.

    Of results and comments those go that our version before had and this one has no longer."""
    result = dict(theirs)
    result["status"] = ours["status"]
    for element in ("statusReason", "businessStatus"):
        if element in ours:
            result[element] = ours[element]
        else:
            result.pop(element, None)
    if "executionPeriod" in ours:
        result["executionPeriod"] = ours["executionPeriod"]
    for element in _LISTS:
        merged = _merged(theirs.get(element, []), ours.get(element, []), ours_before.get(element, []))
        if merged:
            result[element] = merged
        else:
            result.pop(element, None)
    return result


def already_shows(theirs: Document, ours: Document, ours_before: Document) -> bool:
    """Whether the record system's Task A needs no write to show what ours shows."""
    return applied_to_theirs(theirs, ours, ours_before) == theirs


def _merged(theirs: list[Any], ours: list[Any], ours_before: list[Any]) -> list[Any]:
    kept = [item for item in theirs if item in ours or item not in ours_before]
    return kept + [item for item in ours if item not in kept]
