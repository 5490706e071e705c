"""What every service stands on: its database, its outbox, its wake-ups, and the loops that all have."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from service_runtime.consumer import Consumer
from service_runtime.consumer.transactions import Handle
from service_runtime.database.engine import Database
from service_runtime.event_log.port import Record
from service_runtime.events import ReceivedEvent
from service_runtime.inbox import Inbox
from service_runtime.outbox import Outbox
from service_runtime.parts import Parts
from service_runtime.relay import Relay, RelayLimits
from service_runtime.settings import RuntimeSettings
from service_runtime.sweep import Check, Sweep
from service_runtime.wakeup import LocalWakeup, Wakeup
from service_runtime.wakeup_postgres import PostgresWakeup


@dataclass(frozen=True)
class SharedTables:
    """A service's own tables of the kinds that all have (see `rows`)."""

    outbox: Any
    inbox: Any
    lease: Any


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
    ) -> "Ground":
        """Open the database and let commits wake the loops of all processes, where settings say so.

        `connections` bounds those that transactions use at once."""
        database = Database.open(settings.database_url, schema=short_name, pool_size=connections)
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
        gather_seconds: float | None = None,
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
            **({} if gather_seconds is None else {"gather_seconds": gather_seconds}),
        )

    def relay(self, topics: Sequence[str]) -> Relay:
        """The relay of the service's outbox; `topics` are made where they are missing."""
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

    def sweep(self, checks: Sequence[Check]) -> Sweep:
        """The service's sweep."""
        every = self._settings.sweep_seconds
        return Sweep(
            database=self.database,
            lease_table=self.tables.lease,
            name="sweep",
            every_seconds=every,
            checks=checks,
            clock=self._parts.clock,
            beat=self.beat("sweep", within=every * 3 + 60),
        )

    def beat(self, loop: str, **limits: float) -> Callable[[], None]:
        """A heartbeat for the service's `loop`; `within` is how many seconds may pass between two."""
        return partial(self._parts.health.beat, f"{self.short_name}-{loop}", **limits)


def _notify(wakeup: Wakeup, channels: Collection[str]) -> None:
    for channel in channels:
        wakeup.notify(channel)
