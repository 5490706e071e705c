"""Structured logs: one JSON line per unit of work, static event names, ids as keys, only allowed keys.

An unknown key, or a value that is not a plain one, raises UnsafeLogError where LAHETTI_STRICT_LOGS=1 (tests)
and is dropped and counted elsewhere: what could be personal must be argued for before it can be written.
"""

import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, cast

import orjson
import structlog
from prometheus_client import Counter
from structlog.typing import EventDict, FilteringBoundLogger, Processor

LONGEST_VALUE = 300
LIBRARIES = ("uvicorn", "uvicorn.error", "uvicorn.access", "kafka", "sqlalchemy", "aiohttp", "asyncio")

_BY_SUBJECT = (
    "at level event logger service role instance county version pid host port",
    "request_id trace method route status ms client_id caller_kind",
    "error error_id where at_frames restarts in_seconds seconds",
    "topic lane offset group member consumer count lag kind name reason sequence",
    "event_id event_type referral task provider service_request endpoint delivery attempt",
    "outcome retry_after state channel language session subscription",
)
_allowed = {key for subject in _BY_SUBJECT for key in subject.split()}
_dropped: Counter | None = None


class UnsafeLogError(Exception):
    """A log line has a key that is not on the list, or a value that is not plain; its text names keys."""


def allow_keys(*keys: str) -> None:
    """Put a service's own keys on the list, at import time: ids, codes, counts and durations only."""
    _allowed.update(keys)


def is_allowed(key: str) -> bool:
    """Whether a line may have `key`."""
    return key in _allowed


def logger() -> FilteringBoundLogger:
    """The logger to write wide lines with: `log.info("delivery.attempted", delivery=id, ms=12)`."""
    return structlog.get_logger()


def count_dropped(counter: Counter) -> None:
    """Let `counter` count the keys that are left out of lines because they are not allowed."""
    global _dropped
    _dropped = counter


def configure(*, service: str, level: str = "info", stream: TextIO | None = None) -> None:
    """Send all logs of this process, those of libraries included, to `stream` (stderr) as JSON lines.

    Libraries are heard from level warning on.
    """
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _stamp(service), _only_allowed, _as_json],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_LibraryHandler()]
    root.setLevel(logging.WARNING)
    for name in LIBRARIES:
        library = logging.getLogger(name)
        library.handlers[:] = []
        library.propagate = True
        library.setLevel(logging.WARNING)


def where_raised(error: BaseException, most: int = 12) -> list[str]:
    """The places that `error` passed, innermost last, as `file:line function`: a traceback without values."""
    places: list[str] = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        file = "/".join(Path(code.co_filename).parts[-2:])
        places.append(f"{file}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return places[-most:]


def innermost(error: BaseException) -> BaseException:
    """The first error inside `error` where that is a group of them, as a TaskGroup raises, else itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


class _LibraryHandler(logging.Handler):
    """Says that a library warned, and where: its text may hold values, so it is not repeated."""

    def emit(self, record: logging.LogRecord) -> None:
        line: dict[str, Any] = {"logger": record.name, "where": f"{record.module}:{record.lineno}"}
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            line |= {"error": type(error).__name__, "at_frames": where_raised(error)}
        level = logging.ERROR if record.levelno >= logging.ERROR else logging.WARNING
        logger().log(level, "library.warned", **line)


def _stamp(service: str) -> Processor:
    def stamp(_: Any, method: str, line: EventDict) -> EventDict:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        return {"at": at, "level": method, "service": service, **line}

    return stamp


def _only_allowed(_: Any, __: str, line: EventDict) -> EventDict:
    unsafe = sorted(key for key, value in line.items() if key not in _allowed or not _is_plain(value))
    if not unsafe:
        return line
    if os.environ.get("LAHETTI_STRICT_LOGS") == "1":
        raise UnsafeLogError(f"not allowed in a log line: {', '.join(unsafe)}")
    if _dropped is not None:
        _dropped.inc(len(unsafe))
    return {key: value for key, value in line.items() if key not in unsafe} | {"dropped_keys": len(unsafe)}


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE
    if isinstance(value, list):
        return all(isinstance(item, str) and len(item) <= LONGEST_VALUE for item in cast(list[object], value))
    return value is None or isinstance(value, int | float)


def _as_json(_: Any, __: str, line: EventDict) -> str:
    return orjson.dumps(line).decode()
