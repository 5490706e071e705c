"""What all parts of the gateway stand on."""

from collections.abc import Collection
from dataclasses import dataclass

from service_runtime.database.engine import Database
from service_runtime.outbox import Outbox
from service_runtime.parts import Parts
from service_runtime.wakeup import LocalWakeup, Wakeup
from service_runtime.wakeup_postgres import PostgresWakeup

from referral_gateway.adapters import tables
from referral_gateway.adapters.audit import TableAudit
from referral_gateway.adapters.cases import TableCases
from referral_gateway.adapters.county_reading import read_county
from referral_gateway.adapters.county_store import CountyStore
from referral_gateway.adapters.ledger import TableLedger
from referral_gateway.adapters.quotas import TableQuotas
from referral_gateway.adapters.vault import TableVault
from referral_gateway.settings import Settings

NAME = "referral-gateway"
SCHEMA = "gateway"


@dataclass(frozen=True)
class Base:
    """The database, what is kept in it, and how others are told."""

    database: Database
    wakeup: Wakeup
    outbox: Outbox
    counties: CountyStore
    vault: TableVault
    ledger: TableLedger
    quotas: TableQuotas
    cases: TableCases
    audit: TableAudit

    async def close(self) -> None:
        """Close what was opened here."""
        await self.wakeup.close()
        await self.database.close()


async def open_base(settings: Settings, parts: Parts) -> Base:
    """Open the database and let commits wake the loops of all processes, where settings say so."""
    database = Database.open(settings.database_url, schema=SCHEMA, pool_size=settings.database_connections)
    across = database.dialect == "postgresql" and settings.wakeups == "on"
    wakeup: Wakeup = PostgresWakeup(settings.database_url, SCHEMA) if across else LocalWakeup()

    def on_commit(channels: Collection[str]) -> None:
        for channel in channels:
            wakeup.notify(channel)

    if settings.wakeups == "on":
        database.on_commit = on_commit
    await wakeup.start()
    return Base(
        database=database,
        wakeup=wakeup,
        outbox=Outbox(tables.Outbox, source=f"/{settings.county}/{NAME}", clock=parts.clock),
        counties=CountyStore(database=database, read=read_county, clock=parts.clock),
        vault=TableVault(),
        ledger=TableLedger(),
        quotas=TableQuotas(),
        cases=TableCases(),
        audit=TableAudit(),
    )
