"""How an attempt ended, and what follows from it. Limits and hints are the product's (delivery rules 5 and
6)."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class AttemptClass(StrEnum):
    """How one attempt ended; stored as the attempt's outcome."""

    DELIVERED = "delivered"
    REDIRECT = "redirect_error"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    AUTH = "auth_error"
    CLIENT = "client_error"
    SERVER = "server_error"
    UNAVAILABLE = "unavailable"
    DNS = "dns_error"
    REFUSED = "connection_refused"
    RESET = "connection_reset"
    TIMEOUT = "timeout"
    TLS = "tls_error"
    ADDRESS_BLOCKED = "ssrf_blocked"
    INVALID_URL = "invalid_url"
    MAIL_DEFERRED = "mail_deferred"
    MAIL_REFUSED = "mail_refused"
    NO_LISTENER = "no_listener"
    CONFLICT = "conflict"
    STOPPED = "stopped"
    OWN_FAULT = "own_fault"
    WORKER_LOST = "worker_lost"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a class means. `limit` is the most attempts that may be spent (None: the whole schedule, 1:
    permanent). `costs` says whether an attempt is spent, `floor` whether the next waits at least the policy's
    floor, `patient` whether the receiver's Retry-After is honoured. `hint` is for the person who reads it."""

    hint: str
    limit: int | None = None
    costs: bool = True
    floor: bool = False
    patient: bool = False


RULES: Mapping[AttemptClass, Rule] = {
    AttemptClass.DELIVERED: Rule("The receiver took it."),
    AttemptClass.REDIRECT: Rule(
        "The address answers with a redirect, which is never followed: register the final address.", limit=4
    ),
    AttemptClass.GONE: Rule("The receiver says that the address is retired: register a new one.", limit=1),
    AttemptClass.RATE_LIMITED: Rule(
        "The receiver asks for a slower pace; no attempt is spent.", costs=False, floor=True, patient=True
    ),
    AttemptClass.AUTH: Rule(
        "The receiver refuses our signature or identity: compare the secret on both sides.", limit=6
    ),
    AttemptClass.CLIENT: Rule(
        "The receiver refuses the message itself: look at its log for the event's id.", limit=4
    ),
    AttemptClass.SERVER: Rule(
        "The receiver has a fault of its own: it is tried again by the schedule.", patient=True
    ),
    AttemptClass.UNAVAILABLE: Rule(
        "The receiver says that it is down or busy: it is given a pause.", floor=True, patient=True
    ),
    AttemptClass.DNS: Rule("The address's host name is not found: check its spelling and its name server."),
    AttemptClass.REFUSED: Rule("Nothing listens at the address: is the receiver running?"),
    AttemptClass.RESET: Rule("The connection broke before an answer came: a proxy or a restart in between?"),
    AttemptClass.TIMEOUT: Rule(
        "No answer in time: the receiver should answer first and work afterwards.", floor=True
    ),
    AttemptClass.TLS: Rule(
        "No trusted TLS connection: has the certificate expired, or is its chain incomplete?"
    ),
    AttemptClass.ADDRESS_BLOCKED: Rule("The host name leads to an address that may not be called.", limit=1),
    AttemptClass.INVALID_URL: Rule(
        "The address is not one that can be called: correct it in the directory.", limit=1
    ),
    AttemptClass.MAIL_DEFERRED: Rule(
        "The mail server cannot take the message now: it is tried again by the schedule."
    ),
    AttemptClass.MAIL_REFUSED: Rule(
        "The mail server refuses the address for good: correct it in the directory.", limit=1
    ),
    AttemptClass.NO_LISTENER: Rule(
        "No active address hears of it: tests go to those registered for tests, and nothing else goes there.",
        limit=1,
    ),
    AttemptClass.CONFLICT: Rule(
        "The record changed each time between our reading and our writing: it is read again by the schedule."
    ),
    AttemptClass.STOPPED: Rule(
        "It may not be brought any more, or need not: nothing was sent.", limit=1, costs=False
    ),
    AttemptClass.OWN_FAULT: Rule(
        "A fault on our side: it is tried every few seconds and spends nothing of the schedule.", costs=False
    ),
    AttemptClass.WORKER_LOST: Rule(
        "The sending process ended before the answer; the receiver may see the event twice.", costs=False
    ),
}


def class_of_status(status: int) -> AttemptClass:
    """The class of an HTTP answer by its status code alone; bodies are never looked at."""
    if 200 <= status < 300:
        return AttemptClass.DELIVERED
    if 300 <= status < 400:
        return AttemptClass.REDIRECT
    named = {
        401: AttemptClass.AUTH,
        403: AttemptClass.AUTH,
        408: AttemptClass.SERVER,
        410: AttemptClass.GONE,
        425: AttemptClass.SERVER,
        429: AttemptClass.RATE_LIMITED,
        503: AttemptClass.UNAVAILABLE,
    }
    return named.get(status) or (AttemptClass.CLIENT if 400 <= status < 500 else AttemptClass.SERVER)


def class_of_exception(error: BaseException) -> AttemptClass:
    """The class of a failure below HTTP, by the chain of its causes; what is not the network's is our own
    fault."""
    seen: BaseException | None = error
    while seen is not None:
        known = _class_of_one(seen)
        if known is not None:
            return known
        seen = getattr(seen, "os_error", None) or seen.__cause__ or seen.__context__
    return AttemptClass.OWN_FAULT


def _class_of_one(error: BaseException) -> AttemptClass | None:
    for kinds, attempt_class in _BY_EXCEPTION:
        if isinstance(error, kinds):
            return attempt_class
    return None


# The order matters: ssl.SSLError and socket.gaierror are OSErrors, TimeoutError too.
_BY_EXCEPTION: tuple[tuple[tuple[type[BaseException], ...], AttemptClass], ...] = (
    ((ssl.SSLError, ssl.CertificateError), AttemptClass.TLS),
    ((socket.gaierror,), AttemptClass.DNS),
    ((TimeoutError, asyncio.TimeoutError), AttemptClass.TIMEOUT),
    ((ConnectionRefusedError,), AttemptClass.REFUSED),
    ((ConnectionError,), AttemptClass.RESET),
)
