"""One member of a consumer group on Apache Kafka: poll, seek, pause and commit on a thread of its own."""
# pyright: reportAttributeAccessIssue=false, reportCallIssue=false
# (its bundled stubs describe kafka-python 2)

import re
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import FencedInstanceIdError, KafkaError

from service_runtime.event_log import kafka_membership
from service_runtime.event_log.kafka_incarnations import Incarnations
from service_runtime.event_log.kafka_sockets import DIRECT
from service_runtime.event_log.own_thread import OwnThread
from service_runtime.event_log.port import MemberFencedError, Record, TopicLane
from service_runtime.event_log.wanted import Wanted

# A commit costs about as much as a poll. Written down this much later, a crash repeats that much more.
_COMMIT_SECONDS = 0.1
_CLOSE_MS = 3000
# A poll cut shorter than it takes to join would begin to join again and again.
_JOIN_SECONDS = 1.0


def consumer_settings(
    servers: Sequence[str], client_id: str, group: str, member: str, session_seconds: float
) -> dict[str, Any]:
    """How all our consumers are set; the reasons are in comments where a default would hurt."""
    session_ms = int(session_seconds * 1000)
    return {
        "bootstrap_servers": list(servers),
        "proxy_url": DIRECT,
        "client_id": f"{client_id}-{member}",
        "group_id": group,
        # A dynamic member killed and started again silences its group for a session, a static one does not.
        "group_instance_id": member,
        "session_timeout_ms": session_ms,
        "heartbeat_interval_ms": session_ms // 3,
        # The default assignor takes everything from everybody whenever a topic appears.
        "partition_assignment_strategy": [CooperativeStickyAssignor],
        # A new provider's topic is found this late; the default is 5 minutes.
        "metadata_max_age_ms": 2000,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "max_poll_records": 200,
        # The broker answers as soon as there is a byte: a long wait costs no latency and spares polls.
        "fetch_max_wait_ms": 500,
        "bootstrap_timeout_ms": 4000,
        "reconnect_backoff_max_ms": 1000,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }


class KafkaSubscription:
    """Connects at the first poll. Offsets are committed in the background, and before lanes go to others."""

    def __init__(self, settings: Mapping[str, Any], prefix: str, wanted: Wanted) -> None:
        self._settings = settings
        self._prefix = prefix
        self._wanted = wanted
        self._thread = OwnThread(f"kafka-{settings['client_id']}")
        self._consumer: KafkaConsumer | None = None
        self._incarnations = Incarnations()
        self._to_commit: dict[TopicPartition, OffsetAndMetadata] = {}
        self._unconfirmed: dict[TopicPartition, OffsetAndMetadata] = {}
        self._commit_at = 0.0

    async def poll(self, timeout: float, limit: int = 200) -> Sequence[Record]:
        try:
            return await self._thread.run(partial(self._poll, timeout, limit))
        except FencedInstanceIdError:
            raise MemberFencedError from None

    async def commit(self, positions: Mapping[TopicLane, int]) -> None:
        await self._thread.run(partial(self._note, positions))

    async def seek(self, lane: TopicLane, offset: int) -> None:
        await self._thread.run(partial(self._if_owned, lane, lambda consumer, at: consumer.seek(at, offset)))

    async def pause(self, lane: TopicLane) -> None:
        await self._thread.run(partial(self._if_owned, lane, lambda consumer, at: consumer.pause(at)))

    async def resume(self, lane: TopicLane) -> None:
        await self._thread.run(partial(self._if_owned, lane, lambda consumer, at: consumer.resume(at)))

    async def close(self) -> None:
        await self._thread.run(self._close)
        await self._thread.close()

    def revoked(self, lanes: Sequence[TopicPartition]) -> None:
        """Commit what is handled of lanes that go to others; it is sent before the group is joined again."""
        self._send_commits([lane for lane in self._to_commit if lane in lanes])

    def lost(self, lanes: Sequence[TopicPartition]) -> None:
        """Others have these lanes already: their positions are theirs."""
        for lane in lanes:
            self._forget(lane)

    def _poll(self, timeout: float, limit: int) -> Sequence[Record]:
        consumer = self._connected()
        until = time.monotonic() + timeout
        while True:
            now = time.monotonic()
            if self._to_commit and now >= self._commit_at:
                self._send_commits(list(self._to_commit))
            wait = min(until, self._commit_at) if self._to_commit else until
            least = _JOIN_SECONDS if kafka_membership.is_joining(consumer) else 0.0
            got = consumer.poll(timeout_ms=int(max(least, wait - now) * 1000), max_records=limit)
            if kafka_membership.is_fenced(consumer):
                raise FencedInstanceIdError
            self._leave_out_restarted(consumer, got)
            if got or time.monotonic() >= until:
                return [self._record(each) for records in got.values() for each in records]

    def _leave_out_restarted(self, consumer: KafkaConsumer, got: dict[TopicPartition, list[Any]]) -> None:
        try:
            restarted = self._incarnations.restarted(consumer)
        except KafkaError:
            for lane, records in got.items():  # nobody has seen them yet
                if lane in consumer.assignment():
                    consumer.seek(lane, records[0].offset)
            raise
        for lane in restarted:
            got.pop(lane, None)
            self._forget(lane)

    def _connected(self) -> KafkaConsumer:
        if self._consumer is None:
            consumer = KafkaConsumer(**self._settings)
            names = [re.escape(self._prefix + topic) + "$" for topic in sorted(self._wanted.topics)]
            beginnings = [re.escape(self._prefix + each) for each in self._wanted.prefixes]
            # A pattern for all: a topic that is named but missing would be asked for ten times a second.
            consumer.subscribe(pattern="^(?:" + "|".join(names + beginnings) + ")", listener=_Listener(self))
            self._consumer = consumer
        return self._consumer

    def _record(self, record: Any) -> Record:
        return Record(
            topic=record.topic[len(self._prefix) :],
            lane=record.partition,
            offset=record.offset,
            key=_text(record.key),
            headers={name: _text(value) for name, value in record.headers},
            value=bytes(record.value or b""),
        )

    def _note(self, positions: Mapping[TopicLane, int]) -> None:
        for lane, offset in positions.items():
            at = self._partition(lane)
            if self._incarnations.of(at) is not None:
                self._to_commit[at] = OffsetAndMetadata(offset, "", -1)
        if time.monotonic() >= self._commit_at:
            self._send_commits(list(self._to_commit))

    def _send_commits(self, lanes: Sequence[TopicPartition]) -> None:
        self._commit_at = time.monotonic() + _COMMIT_SECONDS
        offsets = self._named(lanes)
        for lane in offsets:
            del self._to_commit[lane]
        if offsets and self._consumer is not None:
            self._unconfirmed |= offsets
            self._consumer.commit_async(offsets, callback=self._committed)

    def _named(self, lanes: Sequence[TopicPartition]) -> dict[TopicPartition, OffsetAndMetadata]:
        """What is to be committed of `lanes`, under their topics' ids; where an id is unknown, it waits."""
        return {
            lane: self._to_commit[lane]._replace(metadata=incarnation)
            for lane in lanes
            if (incarnation := self._incarnations.of(lane))
        }

    def _committed(self, offsets: Mapping[TopicPartition, OffsetAndMetadata], outcome: Any) -> None:
        for lane, offset in offsets.items():
            if self._unconfirmed.get(lane) == offset:
                del self._unconfirmed[lane]
            # A rebalance or the broker was in the way: once more, unless there is a newer one.
            if isinstance(outcome, Exception) and self._incarnations.of(lane) is not None:
                self._to_commit.setdefault(lane, offset)

    def _forget(self, lane: TopicPartition) -> None:
        self._to_commit.pop(lane, None)
        self._unconfirmed.pop(lane, None)

    def _if_owned(self, lane: TopicLane, call: Any) -> None:
        consumer, partition = self._consumer, self._partition(lane)
        if consumer is not None and partition in consumer.assignment():
            call(consumer, partition)

    def _partition(self, lane: TopicLane) -> TopicPartition:
        return TopicPartition(self._prefix + lane.topic, lane.lane)

    def _close(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is None:
            return
        try:
            if offsets := self._unconfirmed | self._named(list(self._to_commit)):
                consumer.commit(offsets, timeout_ms=_CLOSE_MS)
        except KafkaError:
            pass  # read again, then
        finally:
            consumer.close(autocommit=False, timeout_ms=_CLOSE_MS)


class _Listener(ConsumerRebalanceListener):
    def __init__(self, subscription: KafkaSubscription) -> None:
        self._subscription = subscription

    def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        self._subscription.revoked(revoked)

    def on_partitions_lost(self, lost: Sequence[TopicPartition]) -> None:
        self._subscription.lost(lost)

    def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Positions come from the commits."""


def _text(value: bytes | None) -> str:
    return (value or b"").decode(errors="replace")
