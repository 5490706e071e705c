from pathlib import Path

import provider_notifier
from service_runtime.database import migrations

SCRIPTS = Path(provider_notifier.__file__).parent / "migrations"


async def test_the_migration_makes_the_tables_that_the_code_declares(database_url: str, schema: str) -> None:
    assert await migrations.pending(database_url, schema, SCRIPTS)

    await migrations.migrate(database_url, schema, SCRIPTS)

    assert not await migrations.pending(database_url, schema, SCRIPTS)
    await migrations.check(database_url, schema, SCRIPTS)
