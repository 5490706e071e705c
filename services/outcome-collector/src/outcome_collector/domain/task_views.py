"""What of a Task is shown once the client's permission lets nothing but its status be known (D2).

Decided at each reading and each write-back, over every version: what was written while more was permitted is
kept, and shown to nobody any more."""

from datetime import datetime

from referral_contracts.status_reasons import REASON_STATUSES, WITHHELD
from referral_contracts.systems import STATUS_REASON

from outcome_collector.domain.task import Task
from outcome_collector.domain.task_documents import Document, code_in, dumped, loaded, reason_concept

_SHOWN = frozenset(
    {
        "resourceType",
        "id",
        "meta",
        "partOf",
        "status",
        "intent",
        "priority",
        "code",
        "focus",
        "for",
        "authoredOn",
        "lastModified",
        "requester",
        "owner",
        "restriction",
    }
)
"""What the platform itself wrote when it made the Task, and the status. A list of what stays: an element that
somebody adds one day is withheld until it is argued for here."""

_TELLS_NOTHING = "permission-withdrawn"
"""The one reason that is the client's word to the referrer and not the provider's about the client."""


def shown(task: Task, document: bytes, at: datetime) -> bytes:
    """`document`, a version of `task`, as far as the Task's reader may have it at `at`."""
    return document if task.permits(at) else dumped(withheld_view(loaded(document)))


def shown_to_referrer(a: Task, stop: bytes, at: datetime) -> bytes:
    """A version of a wish to stop as far as its referrer may have it, who may have as much of it as of its
    Task `a`; what it wished itself is its own."""
    if a.permits(at):
        return stop
    wish = loaded(stop)
    own = {name: wish[name] for name in ("identifier", "reasonCode") if name in wish}
    return dumped(withheld_view(wish) | own)


def withheld_view(document: Document) -> Document:
    """`document` with its status and, where that needs a reason, `withheld`; nothing else of what became of
    the client. A withdrawn permission stays named: it tells why there is no more to see."""
    shown = {name: value for name, value in document.items() if name in _SHOWN}
    if document.get("status") in REASON_STATUSES:
        known = code_in(document.get("statusReason"), STATUS_REASON)
        shown["statusReason"] = reason_concept(_TELLS_NOTHING if known == _TELLS_NOTHING else WITHHELD)
    return shown
