"""How far behind a consumer group is."""
# pyright: reportAttributeAccessIssue=false, reportCallIssue=false
# (its bundled stubs describe kafka-python 2)

from collections.abc import Mapping
from typing import Any

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec


def group_lag(admin: KafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    """Records that wait, for each lane of the topics that the group has read or is assigned.

    Counted from the committed position, or from the beginning where there is none for this topic (one that
    was deleted and made again has another id than the commit's metadata: kafka_incarnations.py)."""
    committed = admin.list_group_offsets(group)[group]
    names = {lane.topic for lane in committed} | _assigned(admin, group)
    topics = {topic["name"]: topic for topic in admin.describe_topics(sorted(names))} if names else {}
    lanes = [
        TopicPartition(name, partition["partition_index"])
        for name, topic in topics.items()
        for partition in topic["partitions"]
    ]
    ends = admin.list_partition_offsets(dict.fromkeys(lanes, OffsetSpec.LATEST))
    begins = admin.list_partition_offsets(dict.fromkeys(lanes, OffsetSpec.EARLIEST))
    return {
        lane: max(0, ends[lane].offset - _position(committed, lane, topics[lane.topic], begins[lane].offset))
        for lane in lanes
    }


def _assigned(admin: KafkaAdminClient, group: str) -> set[str]:
    members = admin.describe_groups([group])[group]["members"]
    return {
        part["topic"]
        for member in members
        for part in (member["member_assignment"] or {}).get("assigned_partitions", ())
    }


def _position(
    committed: Mapping[TopicPartition, Any], lane: TopicPartition, topic: Mapping[str, Any], begin: int
) -> int:
    position = committed.get(lane)
    if position is None or position.metadata not in ("", str(topic["topic_id"])):
        return begin
    return max(position.offset, begin)
