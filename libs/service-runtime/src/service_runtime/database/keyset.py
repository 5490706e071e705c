"""Pages that stay put while rows come and go: each begins behind the last row of the one before."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

Keys = Sequence[ColumnElement[Any]]
"""Columns that together tell rows apart and give them one order."""


def in_order(keys: Keys, *, descending: bool) -> Sequence[ColumnElement[Any]]:
    """What to order by."""
    return [key.desc() if descending else key.asc() for key in keys]


def behind(keys: Keys, last: Sequence[Any], *, descending: bool) -> ColumnElement[bool]:
    """True of the rows that follow the one whose `keys` are `last`, in that order."""
    following: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for key, value in zip(keys, last, strict=True):
        following.append(and_(*same, key < value if descending else key > value))
        same.append(key == value)
    return or_(*following)
