"""Rows that a poll may have seen without passing over any that commits late (PostgreSQL)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, literal_column

DISTANCE = "interval '500 milliseconds'"
"""How long after a change was given its time its statement may still be on its way."""
_OLDEST_NUMBER = "(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
_OLDEST_BEGINNING = (
    f"(SELECT coalesce(min(xact_start), clock_timestamp()) - {DISTANCE} - interval '2 milliseconds' "  # noqa: S608 - constants
    "FROM pg_stat_activity "
    "WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid())"
)


def settled(written_xid: Any, last_updated: Any) -> Sequence[ColumnElement[bool]]:
    """What was written before the oldest transaction that is still open took its number, and is older than
    the beginning of any that writes, by DISTANCE: numbers and times are not given in one order, and a change
    that is written without a lock gets its time before its transaction begins. Times are to the millisecond.
    A change that commits late would otherwise lie behind what a poll has seen, for ever.
    """
    number: ColumnElement[Any] = literal_column(_OLDEST_NUMBER)
    beginning: ColumnElement[Any] = literal_column(_OLDEST_BEGINNING)
    return (written_xid < number, last_updated < beginning)
