"""A page of a service's audit table, for whoever may ask who read what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, RowMapping, Table, func, select

from service_runtime.database.engine import Database
from service_runtime.database.keyset import behind, in_order
from service_runtime.ids import is_id


class Asked(Protocol):
    """What is asked for apart from who and what. `ids` are alternatives each, and all of them hold; the page
    follows the row of `after_at` and `after_id`, where there is one."""

    @property
    def ids(self) -> Sequence[Sequence[str]]: ...
    @property
    def since(self) -> datetime | None: ...
    @property
    def before(self) -> datetime | None: ...
    @property
    def after_at(self) -> datetime | None: ...
    @property
    def after_id(self) -> str: ...
    @property
    def descending(self) -> bool: ...
    @property
    def most(self) -> int: ...
    @property
    def counted(self) -> bool: ...


async def audit_page(
    database: Database, table: Table, about: Sequence[ColumnElement[bool]], asked: Asked
) -> tuple[Sequence[RowMapping], int | None]:
    """The rows of `table`, which has `id` and `at`, that fit `about` and `asked`, by time; and how many there
    are on all pages, where that is asked for."""
    rows, keys = table.c, (table.c.at, table.c.id)
    wanted = [*about, *(rows.id.in_([one for one in either if is_id(one)]) for either in asked.ids)]
    if asked.since is not None:
        wanted.append(rows.at >= asked.since)
    if asked.before is not None:
        wanted.append(rows.at < asked.before)
    page = select(table).where(*wanted)
    if asked.after_at is not None and is_id(asked.after_id):
        page = page.where(behind(keys, (asked.after_at, asked.after_id), descending=asked.descending))
    page = page.order_by(*in_order(keys, descending=asked.descending)).limit(asked.most)
    counting = select(func.count()).select_from(table).where(*wanted)
    async with database.read() as session:
        found = (await session.execute(page)).mappings().all()
        total = (await session.execute(counting)).scalar_one() if asked.counted else None
    return found, total
