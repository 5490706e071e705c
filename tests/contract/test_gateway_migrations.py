"""The gateway's tables: what the migration makes is what the code declares, on both databases."""

from pathlib import Path

import referral_gateway
from referral_gateway.adapters import tables
from service_runtime.database import migrations
from sqlalchemy import insert, select
from support.clocks import StandingClock

SCRIPTS = Path(referral_gateway.__file__).parent / "migrations"


async def test_the_migration_makes_the_tables_that_the_code_declares(database_url: str, schema: str) -> None:
    assert await migrations.pending(database_url, schema, SCRIPTS)

    await migrations.migrate(database_url, schema, SCRIPTS)

    assert not await migrations.pending(database_url, schema, SCRIPTS)
    await migrations.check(database_url, schema, SCRIPTS)


async def test_on_postgresql_each_version_says_which_transaction_wrote_it(
    database_url: str, schema: str, open_database
) -> None:
    await migrations.migrate(database_url, schema, SCRIPTS)
    database, table = await open_database(), tables.Resource.__table__
    row = {"type": "Patient", "id": "a", "version": 1, "body": b"{}", "last_updated": StandingClock().now()}
    for version in (1, 2):
        async with database.write() as session:
            await session.execute(insert(table), row | {"version": version})
    async with database.read() as session:
        written = (
            (await session.execute(select(table.c.written_xid).order_by(table.c.version))).scalars().all()
        )
    assert written == [0, 0] if database.dialect == "sqlite" else 0 < written[0] < written[1]
