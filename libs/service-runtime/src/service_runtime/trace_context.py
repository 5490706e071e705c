"""W3C Trace Context: which request or event the work at hand belongs to (https://www.w3.org/TR/trace-context/)."""

import os
import re
from contextvars import ContextVar

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_current: ContextVar[str] = ContextVar("traceparent", default="")


def begin(received: str | None = None) -> str:
    """Make a span of our own current and return its traceparent.

    It belongs to the trace of `received` where that is a valid traceparent, else to a new one.
    """
    if received is not None and len(received) <= 128 and _TRACEPARENT.fullmatch(received):
        trace, flags = received[3:35], received[53:55]
    else:
        trace, flags = os.urandom(16).hex(), "00"
    traceparent = f"00-{trace}-{os.urandom(8).hex()}-{flags}"
    _current.set(traceparent)
    return traceparent


def current() -> str:
    """The traceparent of the work at hand; a new one where none has begun."""
    return _current.get() or begin()


def trace_id(traceparent: str) -> str:
    """The 32 hexadecimal digits that name the trace."""
    return traceparent[3:35]
