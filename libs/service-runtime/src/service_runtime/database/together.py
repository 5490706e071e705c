"""Several writes of one decision in one statement: on a hot path each round trip costs more than its rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, TextClause, bindparam, insert, literal_column, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Mapping[str, Any]
_PG = postgresql.dialect()


@dataclass(frozen=True, slots=True)
class Write:
    """Rows for one table, all with the same columns. With a `key` the rows that have these keys are changed,
    else new ones are written. `computed` are further columns, each with the SQL that gives its value.
    `joined` is SQL that joins new rows, named `new`, with another table: one is written for each match."""

    table: Table
    rows: Sequence[Row]
    key: str | None = None
    computed: tuple[tuple[str, str], ...] = ()
    joined: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold for the writes to be done: SQL of one row with the one column `holds`, which locks what
    it looks at, and the values of its parameters. PostgreSQL only."""

    query: str
    values: Mapping[str, Any]


class ConditionFailedError(Exception):
    """The condition did not hold, and nothing was written."""


async def write_together(session: AsyncConnection, writes: Iterable[Write]) -> None:
    """Write all of `writes` in the caller's transaction: on PostgreSQL in one statement, on SQLite, where a
    statement costs no round trip, in their order. Rows of one write keep their order.

    No row may be named by two of the writes: of such two PostgreSQL would do only one."""
    filled = [write for write in writes if write.rows]
    if session.dialect.name != "postgresql":
        for write in filled:
            await session.execute(_alone(*_shape(write)), _named_apart(write))
    elif filled:
        await session.execute(_at_once(_shapes(filled)), _values(filled))


async def write_together_if(session: AsyncConnection, condition: Condition, writes: Iterable[Write]) -> None:
    """The same where `condition` holds, in one statement with it, on PostgreSQL. Raises ConditionFailedError
    where it does not."""
    filled = [write for write in writes if write.rows]
    statement = _at_once(_shapes(filled), condition.query)
    if not (await session.execute(statement, {**condition.values, **_values(filled)})).scalar_one():
        raise ConditionFailedError


_Shape = tuple[Table, tuple[str, ...], str | None, tuple[tuple[str, str], ...], str]
"""What a statement's text depends on: table, columns, key, computed columns, join."""


def _shapes(writes: Sequence[Write]) -> tuple[_Shape, ...]:
    return tuple(map(_shape, writes))


def _values(writes: Sequence[Write]) -> Mapping[str, Any]:
    return {
        f"w{number}_{name}": [row[name] for row in write.rows]
        for number, write in enumerate(writes)
        for name in write.rows[0]
    }


def _shape(write: Write) -> _Shape:
    return write.table, tuple(write.rows[0]), write.key, write.computed, write.joined


def _named_apart(write: Write) -> list[dict[str, Any]]:
    """The rows as parameters: the one that finds a row may not have the name of its column."""
    return [{f"the_{name}" if name == write.key else name: row[name] for name in row} for row in write.rows]


@lru_cache(maxsize=128)
def _alone(
    table: Table,
    columns: tuple[str, ...],
    key: str | None,
    computed: tuple[tuple[str, str], ...],
    joined: str,
) -> Any:
    if joined:
        row = ", ".join(f":{name} AS {name}" for name in columns)
        typed = [bindparam(name, type_=table.c[name].type) for name in columns]
        return text(_insert(table, columns, computed, f"(SELECT {row}) AS new {joined}")).bindparams(*typed)
    fixed = {name: literal_column(how) for name, how in computed}
    if key is None:
        return insert(table).values({name: bindparam(name) for name in columns} | fixed)
    changes = {name: bindparam(name) for name in columns if name != key}
    return update(table).where(table.c[key] == bindparam(f"the_{key}")).values(changes | fixed)


@lru_cache(maxsize=128)
def _at_once(shapes: tuple[_Shape, ...], condition: str = "") -> TextClause:
    """Made once for each combination of tables and columns, so that its plan is found again."""
    where = "(SELECT holds FROM condition)" if condition else "true"
    steps = [_step(where, number, *shape) for number, shape in enumerate(shapes)]
    named = [f"w{number} AS ({step})" for number, step in enumerate(steps)]
    if condition:
        first = f"condition AS MATERIALIZED ({condition})"
        return text(f"WITH {', '.join([first, *named])} SELECT holds FROM condition")  # noqa: S608 - as below
    return text(f"WITH {', '.join(named[:-1])} {steps[-1]}" if named[:-1] else steps[-1])


def _step(
    where: str,
    number: int,
    table: Table,
    columns: tuple[str, ...],
    key: str | None,
    computed: tuple[tuple[str, str], ...],
    joined: str,
) -> str:
    arrays = ", ".join(f"CAST(:w{number}_{name} AS {_type(table, name)}[])" for name in columns)
    source = f"unnest({arrays}) AS new ({', '.join(columns)})"
    if key is None:
        return _insert(table, columns, computed, f"{source} {joined} WHERE {where}")
    changes = [f"{name} = new.{name}" for name in columns if name != key]
    changes += [f"{name} = {how}" for name, how in computed]
    found = f"{table.name}.{key} = new.{key} AND {where}"
    return f"UPDATE {table.name} SET {', '.join(changes)} FROM {source} WHERE {found}"  # noqa: S608 - names of our own tables; every value is a parameter


def _insert(
    table: Table, columns: tuple[str, ...], computed: tuple[tuple[str, str], ...], source: str
) -> str:
    names = ", ".join([*columns, *(name for name, _ in computed)])
    values = ", ".join([*(f"new.{name}" for name in columns), *(how for _, how in computed)])
    return f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {source}"  # noqa: S608 - as above


def _type(table: Table, column: str) -> str:
    return table.c[column].type.compile(dialect=_PG)
