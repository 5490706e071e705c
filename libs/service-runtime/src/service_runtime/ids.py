"""Identifiers that sort by the time they were made."""

import re

from uuid_utils import uuid7

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch


def is_id(text: str) -> bool:
    """Whether `text` can be an id of ours; PostgreSQL takes nothing else for a UUID of a column."""
    return _ID(text) is not None


def new_id() -> str:
    """A new UUIDv7 as its 36-character text; later ones sort after earlier ones."""
    return str(uuid7())
