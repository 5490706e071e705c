"""Which event log an address names."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from service_runtime.event_log.port import EventLog
from service_runtime.event_log.sqlite import SqliteEventLog


def open_event_log(
    url: str,
    *,
    topic_prefix: str = "",
    client_id: str = "lahetti",
    session_seconds: float = 10.0,
    small_topics: Sequence[str] = (),
    makes_topics: bool = True,
) -> EventLog:
    """`sqlite:////absolute/file.db` (embedded) or `kafka://host:port,host:port`; connects at first use.

    `topic_prefix` keeps installations on one broker apart. After `session_seconds` without a sign of life a
    member's lanes go to others. Topics that start with one of `small_topics` hold little each and are many:
    on Kafka they get one partition. Without `makes_topics` somebody else manages
    Kafka's topics. Raises ValueError for any other address."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and parts.path.startswith("//"):
        path = Path(parts.path[1:])
        return SqliteEventLog(path, topic_prefix=topic_prefix, lease_seconds=session_seconds)
    if parts.scheme == "kafka" and parts.netloc:
        # Only who uses Kafka pays for loading its client.
        from service_runtime.event_log.kafka import KafkaEventLog

        return KafkaEventLog(
            parts.netloc,
            topic_prefix=topic_prefix,
            client_id=client_id,
            session_seconds=session_seconds,
            small_topics=small_topics,
            makes_topics=makes_topics,
        )
    raise ValueError("the event log is sqlite:////absolute/file.db or kafka://host:port,host:port")
