"""Port `EventLog`: topics of ordered, keyed records with consumer groups. Two adapters pass one suite."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class TopicLane(NamedTuple):
    """One ordered part of a topic: a Kafka partition, or a lane of the embedded log."""

    topic: str
    lane: int


@dataclass(frozen=True, slots=True)
class Message:
    """A record to publish. `topic` is the logical name; the adapter adds the installation's prefix."""

    topic: str
    key: str
    headers: Mapping[str, str]
    value: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read; `offset` is its place in the lane."""

    topic: str
    lane: int
    offset: int
    key: str
    headers: Mapping[str, str]
    value: bytes

    @property
    def topic_lane(self) -> TopicLane:
        return TopicLane(self.topic, self.lane)


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """How a topic is to be made: its logical name, how many lanes, and for how long it keeps a record."""

    topic: str
    lanes: int
    retention_ms: int


class TopicMissingError(Exception):
    """The topic does not exist (yet): only its own messages are postponed."""


class MemberFencedError(Exception):
    """Another subscription joined the group under this member's name: this one must end."""


class Subscription(Protocol):
    """One member of a consumer group. Records of one key arrive in the order of publication.

    Lanes that a call names and this member no longer owns are left alone."""

    async def poll(self, timeout: float, limit: int = 200) -> Sequence[Record]:
        """Up to `limit` records, waiting at most `timeout` seconds for the first.

        Raises MemberFencedError."""
        ...

    async def commit(self, positions: Mapping[TopicLane, int]) -> None:
        """Say that all before each position (the next offset to read) is handled.

        It may be written down a fraction of a second later, and is at `close`: a crash in between brings the
        last records again."""
        ...

    async def seek(self, lane: TopicLane, offset: int) -> None:
        """Read this lane again from `offset` at the next poll."""
        ...

    async def pause(self, lane: TopicLane) -> None:
        """Let polls skip this lane until `resume`."""
        ...

    async def resume(self, lane: TopicLane) -> None: ...

    async def close(self) -> None:
        """Leave; what was not committed is read again, by this member when it is back or by another."""
        ...


class EventLog(Protocol):
    """The log itself. All topic names at this port are logical: without the installation's prefix."""

    async def ensure_topics(self, topics: Iterable[str]) -> None:
        """Create the topics that are missing; harmless when they exist.

        Where somebody else manages the topics, nothing is created, and TopicMissingError raised instead."""
        ...

    async def missing(self, topics: Iterable[str]) -> Sequence[TopicSettings]:
        """Those of `topics` that do not exist, each with the settings that it needs; changes nothing."""
        ...

    async def publish(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        """Publish in order; one answer a message, None where the log acknowledged it durably.
        After a failed message, later ones of the same topic and key in the call are not published either."""
        ...

    async def subscribe(
        self, group: str, member: str, *, topics: Sequence[str] = (), prefixes: Sequence[str] = ()
    ) -> Subscription:
        """Join `group` as the stable `member`, reading `topics` and every topic that starts with one of
        `prefixes`, those that appear later included. A new group starts at the beginning."""
        ...

    async def topics(self) -> Sequence[str]:
        """The logical names of all topics of this installation."""
        ...

    async def lag(self, group: str) -> Mapping[TopicLane, int]:
        """For each lane that the group reads, how many records wait behind its committed position."""
        ...

    async def close(self) -> None: ...
