"""What every service stands on: its database, outbox and wake-ups, and the application and loops that all
have."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI

from service_runtime.consumer import Consumer
from service_runtime.consumer.loop import GATHER_SECONDS
from service_runtime.consumer.transactions import Handle
from service_runtime.database.engine import Database
from service_runtime.event_log.port import Record
from service_runtime.events import ReceivedEvent
from service_runtime.inbox import Inbox
from service_runtime.outbox import Outbox
from service_runtime.parts import Parts
from service_runtime.redis_port import RateLimits
from service_runtime.relay import Relay, RelayLimits
from service_runtime.retention import InboxRetention
from service_runtime.service import Role
from service_runtime.settings import RuntimeSettings
from service_runtime.sweep import Check, Sweep
from service_runtime.tokens import TokenVerifier
from service_runtime.tokens.bars import Bars, BarTable
from service_runtime.tokens.outside_issuer import IssuerTerms, OutsideIssuer
from service_runtime.wakeup import LocalWakeup, Wakeup
from service_runtime.wakeup_postgres import PostgresWakeup
from service_runtime.web.app import create_app
from service_runtime.web.client_limits import ClientLimits
from service_runtime.web.refusals import Pages, Render

OFTEN_SECONDS = 2.0


@dataclass(frozen=True)
class SharedTables:
    """A service's own tables of the kinds that all have (see `rows`)."""

    outbox: Any
    inbox: Any
    lease: Any
    bar: Any


@dataclass(frozen=True)
class Ground:
    """Opened by `open`; closed by whoever opened it. `short_name` names the schema and the heartbeats."""

    name: str
    short_name: str
    database: Database
    wakeup: Wakeup
    outbox: Outbox
    tables: SharedTables
    _settings: RuntimeSettings
    _parts: Parts

    @classmethod
    async def open(
        cls,
        settings: RuntimeSettings,
        parts: Parts,
        *,
        name: str,
        short_name: str,
        tables: SharedTables,
        connections: int = 10,
        single_connections: int | None = None,
    ) -> "Ground":
        """Open the database and let commits wake the loops of all processes, where settings say so.

        `connections` bounds those that transactions use at once, `single_connections` those of single
        statements, which are half as many unless told."""
        database = Database.open(
            settings.database_url,
            schema=short_name,
            pool_size=connections,
            single_pool_size=single_connections,
        )
        across = database.dialect == "postgresql" and settings.wakeups == "on"
        wakeup: Wakeup = PostgresWakeup(settings.database_url, short_name) if across else LocalWakeup()
        if settings.wakeups == "on":
            database.on_commit = partial(_notify, wakeup)
        await wakeup.start()
        outbox = Outbox(tables.outbox, source=f"/{settings.county}/{name}", clock=parts.clock)
        return cls(name, short_name, database, wakeup, outbox, tables, settings, parts)

    async def close(self) -> None:
        """Close what was opened here."""
        await self.wakeup.close()
        await self.database.close()

    def consumer(
        self,
        *,
        topics: Sequence[str],
        prefixes: Sequence[str] = (),
        dead_letter_topic: str,
        decode: Callable[[Record], ReceivedEvent],
        handle: Handle,
        gather_seconds: float = GATHER_SECONDS,
    ) -> Consumer:
        """The service's member of its group; `gather_seconds` as for `Consumer`."""
        return Consumer(
            name=self.name,
            group=self.name,
            member=f"{self.name}-{self._settings.instance}",
            topics=topics,
            prefixes=prefixes,
            event_log=self._parts.event_log,
            database=self.database,
            inbox=Inbox(self.tables.inbox, self._parts.clock),
            outbox=self.outbox,
            dead_letter_topic=dead_letter_topic,
            decode=decode,
            handle=handle,
            clock=self._parts.clock,
            beat=self.beat("consumer"),
            gather_seconds=gather_seconds,
        )

    def app(
        self, routers: Sequence[APIRouter], render_problem: Render, pages: Pages | None = None
    ) -> FastAPI:
        """The service's application, with the limits and the keys that hold for all; see `create_app`."""
        settings, parts = self._settings, self._parts
        return create_app(
            service=self.name,
            routers=routers,
            health=parts.health,
            tokens=TokenVerifier(settings.jwks_file, clock=parts.clock),
            render_problem=render_problem,
            max_body_bytes=settings.max_body_bytes,
            metrics=parts.metrics,
            limits=ClientLimits(RateLimits(parts.redis), settings.client_requests_per_second),
            outside=_outside(settings, parts),
            bars=Bars(self.database, self.bars, parts.clock),
            pages=pages,
        )

    def relaying(
        self, topics: Sequence[str], checks: Sequence[Check] = (), often: Sequence[Check] = ()
    ) -> Role:
        """The role that publishes the service's outbox, and sweeps beside it: forgets old inbox rows, and
        runs the service's `checks`, some as `often` as each two seconds; `topics` are made where they are
        missing."""
        forget = InboxRetention(self.tables.inbox, self._parts.clock, self._settings.inbox_days)
        sweep = self._sweep("sweep", [*checks, forget], self._settings.sweep_seconds)

        async def run(stop: asyncio.Event) -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._relay(topics).run(stop))
                group.create_task(sweep.run(stop))
                if often:
                    group.create_task(self._sweep("often", often, OFTEN_SECONDS).run(stop))

        return run

    @property
    def bars(self) -> BarTable:
        """The tokens that are refused here."""
        return BarTable(self.tables.bar, self._parts.clock)

    def beat(self, loop: str, **limits: float) -> Callable[[], None]:
        """A heartbeat for the service's `loop`; `within` is how many seconds may pass between two."""
        return partial(self._parts.health.beat, f"{self.short_name}-{loop}", **limits)

    def _relay(self, topics: Sequence[str]) -> Relay:
        return Relay(
            database=self.database,
            outbox_table=self.tables.outbox,
            lease_table=self.tables.lease,
            event_log=self._parts.event_log,
            wakeup=self.wakeup,
            clock=self._parts.clock,
            poll_seconds=self._settings.poll_seconds,
            limits=RelayLimits(lease_seconds=self._settings.lease_seconds),
            topics=topics,
            beat=self.beat("relay"),
        )

    def _sweep(self, name: str, checks: Sequence[Check], every: float) -> Sweep:
        return Sweep(
            database=self.database,
            lease_table=self.tables.lease,
            name=name,
            every_seconds=every,
            checks=checks,
            clock=self._parts.clock,
            beat=self.beat(name, within=every * 3 + 60),
        )


def _outside(settings: RuntimeSettings, parts: Parts) -> OutsideIssuer | None:
    if not settings.oidc_issuer:
        return None
    terms = IssuerTerms(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        most_scope=settings.oidc_scope,
        client_claims=settings.oidc_client_claims,
        scope_claim=settings.oidc_scope_claim,
        kind_claim=settings.oidc_kind_claim,
    )
    return OutsideIssuer(terms, parts.clock)


def _notify(wakeup: Wakeup, channels: Collection[str]) -> None:
    for channel in channels:
        wakeup.notify(channel)
