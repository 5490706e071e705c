"""Notices that a topic was deleted and made again.

Offsets start at 0 again then, while the group's positions may still be those of the old topic: a consumer
would skip the first records of the new one without a word (kafka-python fetches by name, so the broker cannot
object). Each topic has an id of its own; commits carry it as their metadata, and a lane whose topic has
another id than its position starts at the beginning.
"""
# pyright: reportAttributeAccessIssue=false, reportCallIssue=false
# (its bundled stubs describe kafka-python 2)

from typing import Any

from kafka import KafkaConsumer, TopicPartition

_ASK_MS = 5000


class Incarnations:
    """For each lane of one consumer, the id of the topic that its position belongs to."""

    def __init__(self) -> None:
        self._known: dict[TopicPartition, str] = {}

    def of(self, lane: TopicPartition) -> str | None:
        """The topic's id that goes with the lane's position; empty while it is unknown, None where the lane
        is not this consumer's."""
        return self._known.get(lane)

    def restarted(self, consumer: KafkaConsumer) -> list[TopicPartition]:
        """After a poll: the lanes that now start at the beginning. What the poll brought of them is void.

        Raises KafkaError where the group's positions cannot be asked for."""
        assigned = consumer.assignment()
        current = {topic: topic_id(consumer, topic) for topic in {lane.topic for lane in assigned}}
        stale = self._made_again(current) + self._with_old_position(consumer, assigned, current)
        self._known = {lane: current[lane.topic] or self._known.get(lane, "") for lane in assigned}
        if stale:
            consumer.seek_to_beginning(*stale)
        return stale

    def _made_again(self, current: dict[str, str]) -> list[TopicPartition]:
        """Lanes whose topic got another id while this consumer reads it."""
        return [
            lane for lane, old in self._known.items() if old and current.get(lane.topic, old) not in ("", old)
        ]

    def _with_old_position(
        self, consumer: KafkaConsumer, assigned: set[TopicPartition], current: dict[str, str]
    ) -> list[TopicPartition]:
        """Lanes new to this consumer that the group read last when their topic had another id.

        A lane whose topic's id is not heard of yet stays new until it is: a topic that was just made again
        may be assigned before the client knows more of it than its name."""
        new = {lane for lane in assigned if current[lane.topic] and not self._known.get(lane)}
        if not new:
            return []
        # committed() would ask for one lane at a time.
        ask = consumer._coordinator.fetch_committed_offsets  # noqa: SLF001
        positions: dict[TopicPartition, Any] = ask(list(new), timeout_ms=_ASK_MS)
        read_as = {lane: position.metadata for lane, position in positions.items() if position.metadata}
        return [lane for lane, old in read_as.items() if current[lane.topic] not in ("", old)]


def topic_id(consumer: KafkaConsumer, topic: str) -> str:
    """The id that the cluster gave the topic, as the client last heard; empty while unknown."""
    found = consumer._cluster.topic_id(topic)  # noqa: SLF001  the consumer has no public way to it
    return str(found) if found else ""
