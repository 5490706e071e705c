"""Identifiers that sort by the time they were made."""

from uuid_utils import uuid7


def new_id() -> str:
    """A new UUIDv7 as its 36-character text; later ones sort after earlier ones."""
    return str(uuid7())
