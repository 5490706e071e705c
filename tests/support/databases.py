"""A fresh database for a test, on each engine that the product runs on."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest
from service_runtime.database.engine import Database
from sqlalchemy import MetaData, make_url
from sqlalchemy.schema import CreateSchema

ADMIN = "LAHETTI_TEST_POSTGRES"


def admin_url() -> str:
    """Where new databases are made; without it the test fails: a missing engine is never a skipped test."""
    url = os.environ.get(ADMIN)
    if not url:
        pytest.fail(
            f"{ADMIN} is not set: start the engines and run the tests with `make test`", pytrace=False
        )
    return url


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """An empty PostgreSQL database of this module's own."""
    admin, name = admin_url(), f"test_{secrets.token_hex(6)}"
    administer(admin, f'CREATE DATABASE "{name}"')
    yield make_url(admin).set(database=name).render_as_string(hide_password=False)
    administer(admin, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'service.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each engine in turn. On PostgreSQL the database is the module's: use a schema of the test's own."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture
def schema() -> str:
    """A schema's name that no other test has."""
    return f"s_{secrets.token_hex(6)}"


OpenDatabase = Callable[..., Awaitable[Database]]


@pytest.fixture
async def open_database(database_url: str, schema: str) -> AsyncIterator[OpenDatabase]:
    """Opens the test's database, as often as it likes: each time as another process would. All are closed."""
    opened: list[Database] = []

    async def open_one(*, pool_size: int = 5) -> Database:
        database = Database.open(database_url, schema=schema, pool_size=pool_size)
        opened.append(database)
        if database.dialect == "postgresql":
            async with database.write() as session:
                await session.execute(CreateSchema(schema, if_not_exists=True))
        return database

    yield open_one
    for database in opened:
        await database.close()


@pytest.fixture
async def database(open_database: OpenDatabase) -> Database:
    """The test's database, without tables."""
    return await open_database()


async def create_tables(database: Database, metadata: MetaData) -> None:
    """The tables as the code declares them; migrations have tests of their own."""
    async with database.write() as session:
        await session.run_sync(metadata.create_all)


def administer(admin: str, statement: str) -> None:
    """Run one statement in a loop of its own in a thread: fixtures may be asked for inside a running loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(_execute(admin, statement))).result()


async def _execute(admin: str, statement: str) -> None:
    connection = await asyncpg.connect(admin)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
