"""The event log on Apache Kafka."""
# pyright: reportAttributeAccessIssue=false, reportCallIssue=false
# (its bundled stubs describe kafka-python 2)

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from service_runtime.event_log.kafka_lag import group_lag
from service_runtime.event_log.kafka_producer import Producer
from service_runtime.event_log.kafka_sockets import DIRECT
from service_runtime.event_log.kafka_subscription import KafkaSubscription, consumer_settings
from service_runtime.event_log.own_thread import OwnThread
from service_runtime.event_log.port import (
    Message,
    Subscription,
    TopicLane,
    TopicMissingError,
    TopicSettings,
)
from service_runtime.event_log.wanted import Wanted

RETENTION_MS = 14 * 24 * 60 * 60 * 1000
LANES = 6
"""Partitions of a topic: as many members of a group can share it. A small one gets one: each partition costs
a consumer time in every poll, and nobody needs several members for one provider's events."""
_KNOWN_SECONDS = 2.0


class KafkaEventLog:
    """Connects at first use. Producer, administration and each subscription have a thread of their own."""

    def __init__(
        self,
        servers: str,
        *,
        topic_prefix: str = "",
        client_id: str = "lahetti",
        session_seconds: float = 10.0,
        small_topics: Sequence[str] = (),
        makes_topics: bool = True,
    ) -> None:
        self._makes_topics = makes_topics
        self._servers = servers.split(",")
        self._prefix = topic_prefix
        self._client_id = client_id
        self._session_seconds = session_seconds
        self._small_topics = tuple(topic_prefix + beginning for beginning in small_topics)
        self._producer = Producer(self._servers, client_id, topic_prefix)
        self._producing = OwnThread("kafka-producer")
        self._administration = OwnThread("kafka-administration")
        self._admin: KafkaAdminClient | None = None
        self._known: frozenset[str] = frozenset()
        self._known_until = 0.0

    async def ensure_topics(self, topics: Iterable[str]) -> None:
        names = [self._prefix + topic for topic in topics]
        await self._administration.run(partial(self._create, names))

    async def missing(self, topics: Iterable[str]) -> Sequence[TopicSettings]:
        there = set(await self.topics())
        return [self._settings_of(topic) for topic in sorted(set(topics) - there)]

    def _settings_of(self, topic: str) -> TopicSettings:
        small = (self._prefix + topic).startswith(self._small_topics)
        return TopicSettings(topic, 1 if small else LANES, RETENTION_MS)

    async def publish(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        wanted = {message.topic for message in messages}
        try:
            if not wanted <= self._known or time.monotonic() >= self._known_until:
                await self.topics()
        except KafkaError as error:
            return [error] * len(messages)
        return await self._producing.run(partial(self._producer.send, messages, self._known))

    async def subscribe(
        self, group: str, member: str, *, topics: Sequence[str] = (), prefixes: Sequence[str] = ()
    ) -> Subscription:
        settings = consumer_settings(
            self._servers, self._client_id, self._prefix + group, member, self._session_seconds
        )
        return KafkaSubscription(settings, self._prefix, Wanted.of(topics, prefixes))

    async def topics(self) -> Sequence[str]:
        names = await self._administration.run(lambda: self._connected().list_topics())
        ours = sorted(name[len(self._prefix) :] for name in names if name.startswith(self._prefix))
        self._known, self._known_until = frozenset(ours), time.monotonic() + _KNOWN_SECONDS
        return ours

    async def lag(self, group: str) -> Mapping[TopicLane, int]:
        return await self._administration.run(
            lambda: _logical(group_lag(self._connected(), self._prefix + group), self._prefix)
        )

    async def close(self) -> None:
        await self._producing.run(self._producer.close)
        await self._administration.run(self._disconnect)
        await self._producing.close()
        await self._administration.close()

    def _connected(self) -> KafkaAdminClient:
        if self._admin is None:
            self._admin = KafkaAdminClient(
                bootstrap_servers=self._servers,
                proxy_url=DIRECT,
                client_id=f"{self._client_id}-administration",
                request_timeout_ms=5000,
                bootstrap_timeout_ms=4000,
                reconnect_backoff_max_ms=1000,
            )
        return self._admin

    def _disconnect(self) -> None:
        if self._admin is not None:
            self._admin.close()
            self._admin = None

    def _create(self, names: Sequence[str]) -> None:
        admin = self._connected()
        missing = set(names) - set(admin.list_topics())
        if not missing:
            return
        if not self._makes_topics:
            raise TopicMissingError(" ".join(sorted(missing)))
        plans = {name: self._settings_of(name[len(self._prefix) :]) for name in sorted(missing)}
        wanted = {
            name: {"num_partitions": plan.lanes, "configs": {"retention.ms": str(plan.retention_ms)}}
            for name, plan in plans.items()
        }
        answer = admin.create_topics(wanted, raise_errors=False)
        for topic in answer["topics"]:
            error = for_code(topic["error_code"])
            if error not in (NoError, TopicAlreadyExistsError):
                raise error(f"topic {topic['name']} could not be made")
        admin.wait_for_topics(sorted(missing))
        self._known_until = 0.0


def _logical(lanes: Mapping[TopicPartition, int], prefix: str) -> dict[TopicLane, int]:
    return {TopicLane(lane.topic[len(prefix) :], lane.partition): count for lane, count in lanes.items()}
