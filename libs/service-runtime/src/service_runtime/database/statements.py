"""Statements that PostgreSQL and SQLite say differently, each with a constant text: plans are reused."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, Float, Select, Table, Text, TypeDecorator, bindparam, func, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, TypeEngine

from service_runtime.database.types import UtcDateTime


class ValueList(TypeDecorator[Sequence[Any]]):
    """Many values as one parameter: an array on PostgreSQL, a JSON text on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = postgresql.ARRAY(self.item) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        process = self.item.dialect_impl(dialect).bind_processor(dialect)
        return json.dumps([process(item) if process else item for item in value])


class AnyOf(FunctionElement[bool]):
    """True where the column holds one of the values."""

    type = Boolean()
    inherit_cache = True


class DatabaseClock(FunctionElement[datetime]):
    """The database's own time, some seconds from now; it moves within a transaction."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(AnyOf, "postgresql")
def _(element: AnyOf, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **kw)} = ANY ({compiler.process(values, **kw)})"


@compiles(AnyOf, "sqlite")
def _(element: AnyOf, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = element.clauses
    listed = f"json_each({compiler.process(values, **kw)})"
    return f"{compiler.process(column, **kw)} IN (SELECT value FROM {listed})"  # noqa: S608 - compiled, no values in it


@compiles(DatabaseClock, "postgresql")
def _(element: DatabaseClock, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(clock_timestamp() + {compiler.process(element.clauses, **kw)} * interval '1 second')"


@compiles(DatabaseClock, "sqlite")
def _(element: DatabaseClock, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    # Julian days since 1970; to the millisecond, which is all that SQLite's clock has.
    return f"CAST(((julianday('now') - 2440587.5) * 86400.0 + {seconds}) * 1000000.0 AS INTEGER)"


def any_of(column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """`column IN (values)` with one parameter, so that the statement's text does not vary with the count.

    PostgreSQL then parses and plans it once per connection; `~any_of(...)` is NOT IN."""
    return AnyOf(column, bindparam(None, list(values), type_=ValueList(column.type), unique=True))


def any_of_parameter(column: Any, name: str) -> ColumnElement[bool]:
    """The same for a statement that is built once: the list is the parameter `name` of each execution."""
    return AnyOf(column, bindparam(name, type_=ValueList(column.type)))


def clock_of_database(plus_seconds: float = 0.0) -> ColumnElement[datetime]:
    """The database's time `plus_seconds` from now, for leases; everything else asks port `Clock`."""
    return DatabaseClock(bindparam(None, plus_seconds, type_=Float(), unique=True))


async def database_now(session: AsyncConnection) -> datetime:
    """What time the database has; to the millisecond on SQLite."""
    return (await session.execute(select(clock_of_database()))).scalar_one()


def table_of(table_class: Any) -> Table:
    """The Core table behind a mapped class: statements on it skip the ORM's unit of work."""
    return table_class if isinstance(table_class, Table) else table_class.__table__


def insert_ignore(
    session: AsyncConnection, table_class: Any, rows: Sequence[Mapping[str, Any]], *returning: Any
) -> Any:
    """An INSERT that leaves out rows which are there already (by any unique key) and returns `returning` of
    the new ones. Needs at least one row; all have the keys of the first."""
    table = table_of(table_class)
    on_sqlite = session.dialect.name == "sqlite"
    insert = sqlite.insert(table) if on_sqlite else postgresql.insert(table)
    if len(rows) == 1:
        statement = insert.values(dict(rows[0]))
    elif on_sqlite:
        statement = insert.values([dict(row) for row in rows])
    else:
        statement = insert.from_select([*rows[0]], _unpacked(table, rows))
    statement = statement.on_conflict_do_nothing()
    return statement.returning(*returning) if returning else statement


def _unpacked(table: Table, rows: Sequence[Mapping[str, Any]]) -> Select[Any]:
    """The rows as one array a column: a list of VALUES would be compiled, parsed and planned at each call."""
    names = [*rows[0]]
    arrays = [
        bindparam(None, [row[name] for row in rows], type_=ValueList(table.c[name].type), unique=True)
        for name in names
    ]
    return select(func.unnest(*arrays).table_valued(*names).render_derived(name="new"))


def insert_new_from_list(
    dialect: str, table_class: Any, column: Any, values: str, constants: Sequence[str]
) -> Any:
    """An INSERT of one row for each value of the list in parameter `values`, that leaves out the rows which
    are there already and returns `column` of the new ones.

    The other columns are named by `constants`; each has the same value in all rows, given as the parameter
    `the_<column>`. Built once, it serves any number of values."""
    table = table_of(table_class)
    listed = bindparam(values, type_=ValueList(column.type))
    if dialect == "postgresql":
        insert, source = postgresql.insert(table), select(func.unnest(listed).label("value")).subquery()
    else:
        insert, source = sqlite.insert(table), func.json_each(listed).table_valued("value")
    same = [bindparam(f"the_{name}", type_=table.c[name].type) for name in constants]
    # WHERE: without one SQLite reads "ON CONFLICT" as a join's condition.
    chosen = select(source.c.value, *same).where(true())
    return insert.from_select([column.name, *constants], chosen).on_conflict_do_nothing().returning(column)
