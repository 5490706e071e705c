"""What a role has in flight, seen from outside: in its database, in the log, at its counterparts.

A process is stopped (SIGSTOP) before it is looked at, so that what is seen is so at the moment of the kill.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import psutil
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from lahetti.composition.blueprint import COLLECTOR, GATEWAY, NOTIFIER, SCHEMAS
from service_runtime.event_log.kafka_sockets import DIRECT

DELIVERY_TABLES = {NOTIFIER: ("notifier.deliveries", "notifier.attempts"),
                   COLLECTOR: ("collector.write_backs", "collector.write_back_attempts")}  # fmt: skip
TOPICS_READ = {
    GATEWAY: ("lahetti.outcomes.", "lahetti.deliveries."),
    NOTIFIER: ("lahetti.directory.", "lahetti.tasks."),
    COLLECTOR: ("lahetti.referrals.", "lahetti.deliveries."),
}
"""Beginnings of the topics of each service's consumer, without the installation's prefix."""


@dataclass(frozen=True)
class Sight:
    """Counts by name. `work` is what makes a kill count; the rest is told beside it."""

    work: Mapping[str, int]
    beside: Mapping[str, int]

    @property
    def in_flight(self) -> bool:
        return any(self.work.values())

    def __str__(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in [*self.work.items(), *self.beside.items()])


class Observer:
    """Looks with connections of its own."""

    def __init__(self, database_url: str, kafka: str, topic_prefix: str) -> None:
        self._url = database_url
        self._kafka = kafka
        self._prefix = topic_prefix
        self._pool: Any = None
        self._admin: Any = None

    async def open(self) -> None:
        self._pool = await asyncpg.create_pool(self._url, min_size=1, max_size=2)
        self._admin = await asyncio.to_thread(
            lambda: KafkaAdminClient(bootstrap_servers=self._kafka, client_id="observer", proxy_url=DIRECT)
        )

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
        if self._admin is not None:
            await asyncio.to_thread(self._admin.close)

    async def number(self, query: str, *values: Any) -> int:
        """One number from the database."""
        return int(await self._pool.fetchval(query, *values) or 0)

    async def texts(self, query: str) -> list[str]:
        """One column from the database, as text."""
        return [str(row[0]) for row in await self._pool.fetch(query)]

    async def handled(self, service: str) -> int:
        """How many events the service's consumer has handled so far."""
        return await self.number(
            f"SELECT count(*) FROM {SCHEMAS[service]}.inbox WHERE consumer = $1", service
        )

    async def outbox(self, service: str) -> tuple[int, int]:
        """How many events its relay has marked as published, and how many wait, at one moment."""
        row = await self._pool.fetchrow(
            f"SELECT count(published_at), count(*) - count(published_at) FROM {SCHEMAS[service]}.outbox"
        )
        return int(row[0]), int(row[1])

    async def unpublished(self, service: str, before: datetime | None = None) -> int:
        """How many of its events, written before that moment, wait for the relay."""
        return await self.number(
            f"SELECT count(*) FROM {SCHEMAS[service]}.outbox WHERE published_at IS NULL AND created_at <= $1",
            before or datetime.now(UTC),
        )

    async def leased(self, service: str) -> int:
        """How many of its deliveries or write-backs are being sent under a lease that holds."""
        table, _ = DELIVERY_TABLES[service]
        return await self.number(
            f"SELECT count(*) FROM {table} WHERE state = 'sending' AND lease_token IS NOT NULL"
        )

    async def attempts_in_flight(self, service: str) -> int:
        """How many attempts have no answer written."""
        _, table = DELIVERY_TABLES[service]
        return await self.number(f"SELECT count(*) FROM {table} WHERE outcome = 'in_flight'")

    async def transactions(self, pid: int) -> int:
        """How many transactions this process has open."""
        return await self.transactions_at(ports_of(pid))

    async def transactions_at(self, ports: Sequence[int]) -> int:
        """How many transactions are open on connections from these ports."""
        return await self.number(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND client_port = ANY($1::int[]) AND xact_start IS NOT NULL",
            list(ports),
        )

    async def lanes(self, service: str) -> Sequence[TopicPartition]:
        """The partitions of all topics that the service's consumer reads."""
        return await asyncio.to_thread(self._lanes, service)

    async def ends(self, lanes: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Where each of `lanes` ends now."""
        latest = await asyncio.to_thread(
            self._admin.list_partition_offsets, dict.fromkeys(lanes, OffsetSpec.LATEST)
        )
        return {lane: latest[lane].offset for lane in lanes}

    async def uncommitted(self, service: str, ends: Mapping[TopicPartition, int]) -> int:
        """How many records before `ends` its group has not committed."""
        return await asyncio.to_thread(self._uncommitted, service, ends)

    def _lanes(self, service: str) -> Sequence[TopicPartition]:
        mine = tuple(self._prefix + each for each in TOPICS_READ[service])
        names: Sequence[str] = [name for name in self._admin.list_topics() if name.startswith(mine)]
        return [
            TopicPartition(topic["name"], partition["partition_index"])
            for topic in self._admin.describe_topics(names)
            for partition in topic["partitions"]
        ]

    def _uncommitted(self, service: str, ends: Mapping[TopicPartition, int]) -> int:
        group = self._prefix + service
        committed = self._admin.list_group_offsets(group)[group]
        positions = {lane: committed[lane].offset if lane in committed else 0 for lane in ends}
        return sum(max(0, end - positions[lane]) for lane, end in ends.items())


def ports_of(pid: int) -> Sequence[int]:
    """The local ports of this process's TCP connections."""
    return [each.laddr.port for each in psutil.Process(pid).net_connections("tcp") if each.laddr]
