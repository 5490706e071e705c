"""Several writes in one statement, on PostgreSQL and SQLite alike."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from service_runtime.clock import SystemClock
from service_runtime.database.engine import Database
from service_runtime.database.statements import table_of
from service_runtime.database.together import (
    Condition,
    ConditionFailedError,
    Write,
    write_together,
    write_together_if,
)
from service_runtime.database.types import Document, Id, UtcDateTime
from service_runtime.ids import new_id
from sqlalchemy import select
from sqlmodel import Field, SQLModel
from sqlmodel.main import registry
from support.databases import OpenDatabase, create_tables


class Base(SQLModel, registry=registry()):
    pass


class Place(Base, table=True):
    __tablename__ = "places"  # pyright: ignore[reportAssignmentType] SQLModel's own way

    id: str = Field(primary_key=True, sa_type=Id)
    name: str | None = None
    body: bytes = Field(sa_type=Document)
    taken: bool = False
    opened_at: datetime = Field(sa_type=UtcDateTime)
    changes: int = 0


class Note(Base, table=True):
    __tablename__ = "notes"  # pyright: ignore[reportAssignmentType] as above

    number: int | None = Field(default=None, primary_key=True)
    text: str


PLACES, NOTES = table_of(Place), table_of(Note)
NOW = SystemClock().now()


@pytest.fixture
async def database(open_database: OpenDatabase) -> Database:
    database = await open_database()
    await create_tables(database, Base.metadata)
    return database


def a_place(**changes: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "name": None,
        "body": b"\x00\xff",
        "taken": True,
        "opened_at": NOW,
        "changes": 0,
    } | changes


async def _all(database: Database, table: Any, order: str) -> Sequence[dict[str, Any]]:
    async with database.read() as session:
        found = await session.execute(select(table).order_by(table.c[order]))
        return [dict(row) for row in found.mappings()]


async def test_rows_of_several_tables_are_written_and_changed_at_once(database: Database) -> None:
    old, other, new = a_place(name="old"), a_place(name="other"), a_place(name="new: {}, 'x' -- ?")
    async with database.write() as session:
        await write_together(session, [Write(PLACES, [old, other])])
    changes = [{"id": old["id"], "name": None, "body": b""}, {"id": other["id"], "name": "b", "body": b"b"}]
    counted = (("changes", "places.changes + 1"),)
    async with database.write() as session:
        await write_together(
            session,
            [
                Write(PLACES, changes, key="id", computed=counted),
                Write(PLACES, [new]),
                Write(NOTES, []),
                Write(NOTES, [{"text": f"line {number}"} for number in range(50)]),
            ],
        )
    assert await _all(database, PLACES, "id") == sorted(
        [
            old | {"name": None, "body": b"", "changes": 1},
            other | {"name": "b", "body": b"b", "changes": 1},
            new,
        ],
        key=lambda place: str(place["id"]),
    )
    assert [note["text"] for note in await _all(database, NOTES, "number")] == [
        f"line {number}" for number in range(50)
    ]


async def test_a_new_row_can_have_a_value_that_the_database_computes(database: Database) -> None:
    place = a_place()
    del place["changes"]
    async with database.write() as session:
        await write_together(session, [Write(PLACES, [place], computed=(("changes", "40 + 2"),))])
    assert await _all(database, PLACES, "id") == [place | {"changes": 42}]


async def test_nothing_stays_of_a_transaction_that_fails(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as session:
            await write_together(session, [Write(PLACES, [a_place()]), Write(NOTES, [{"text": "a"}])])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await _all(database, PLACES, "id") == await _all(database, NOTES, "number") == []


async def test_without_rows_nothing_is_asked_of_the_database(database: Database) -> None:
    async with database.write() as session:
        await write_together(session, [])
        await write_together(session, [Write(PLACES, [])])
    assert await _all(database, PLACES, "id") == []


_CHANGED_SO_OFTEN = """
    SELECT bool_and(changes = CAST(:changes AS int)) AS holds
    FROM (SELECT changes FROM places FOR UPDATE) AS locked
"""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_under_a_condition_all_is_written_or_nothing(database: Database) -> None:
    place = a_place()
    async with database.write() as session:
        await write_together(session, [Write(PLACES, [place])])
    changed = {"id": place["id"], "changes": 1}
    writes = [Write(PLACES, [changed], key="id"), Write(NOTES, [{"text": "changed"}]), Write(NOTES, [])]
    condition = Condition(_CHANGED_SO_OFTEN, {"changes": 0})
    async with database.single() as session:
        await write_together_if(session, condition, writes)
    with pytest.raises(ConditionFailedError):
        async with database.single() as session:
            await write_together_if(session, condition, writes)
    assert [place["changes"] for place in await _all(database, PLACES, "id")] == [1]
    assert [note["text"] for note in await _all(database, NOTES, "number")] == ["changed"]
