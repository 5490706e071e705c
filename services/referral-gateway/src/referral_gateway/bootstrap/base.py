"""What all parts of the gateway stand on."""

from dataclasses import dataclass

import aiohttp
from service_runtime import http
from service_runtime.database.engine import Database
from service_runtime.ground import Ground, SharedTables
from service_runtime.outbox import Outbox
from service_runtime.parts import Parts

from referral_gateway.adapters import tables
from referral_gateway.adapters.audit import TableAudit
from referral_gateway.adapters.cases import TableCases
from referral_gateway.adapters.county_reading import read_county
from referral_gateway.adapters.county_store import CountyStore
from referral_gateway.adapters.ledger import TableLedger
from referral_gateway.adapters.quotas import TableQuotas
from referral_gateway.adapters.registered_clients import TableClients
from referral_gateway.adapters.vault import TableVault
from referral_gateway.adapters.waiting_lines import TableLines
from referral_gateway.settings import Settings
from referral_gateway.use_cases.bar_access import BarAccess

NAME = "referral-gateway"
SCHEMA = "gateway"


@dataclass(frozen=True)
class Base:
    """The ground that every service has, and what the gateway keeps in its database."""

    ground: Ground
    counties: CountyStore
    clients: TableClients
    vault: TableVault
    ledger: TableLedger
    quotas: TableQuotas
    lines: TableLines
    cases: TableCases
    audit: TableAudit
    inside: aiohttp.ClientSession
    """For calls to the other services of the installation."""

    async def close(self) -> None:
        """Close what was opened here."""
        await self.inside.close()
        await self.ground.close()

    @property
    def access(self) -> BarAccess:
        return BarAccess(bars=self.ground.bars, events=self.outbox)

    @property
    def database(self) -> Database:
        return self.ground.database

    @property
    def outbox(self) -> Outbox:
        return self.ground.outbox


async def open_base(settings: Settings, parts: Parts) -> Base:
    """Open the database."""
    ground = await Ground.open(
        settings,
        parts,
        name=NAME,
        short_name=SCHEMA,
        tables=SharedTables(tables.Outbox, tables.Inbox, tables.Lease, tables.Bar),
        connections=settings.database_connections,
    )
    clients, quotas = TableClients(), TableQuotas()
    return Base(
        ground=ground,
        counties=CountyStore(database=ground.database, read=read_county, clients=clients, clock=parts.clock),
        clients=clients,
        vault=TableVault(),
        ledger=TableLedger(),
        quotas=quotas,
        lines=TableLines(quotas),
        cases=TableCases(),
        audit=TableAudit(),
        inside=http.session(),
    )
