"""An event log that remembers what was published, and fails or hangs where a test says so."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from service_runtime.event_log.port import Message, Subscription, TopicLane, TopicMissingError, TopicSettings

DEADLINE = 30.0


class BrokenError(Exception):
    """What the log answers for a key that a test broke."""


class RecordingLog:
    """`published` is in the order of acknowledgement. As at the port: behind a failed message of a key, later
    ones of that key in the same call fail too."""

    def __init__(self, *topics: str) -> None:
        self.published: list[Message] = []
        self.calls: list[Sequence[Message]] = []
        self.broken: set[str] = set()
        self.known = set(topics)
        self.can_create = True
        self.asked_for: list[str] = []
        self._gate = asyncio.Event()
        self._gate.set()
        self._changed = asyncio.Condition()

    def hold(self) -> None:
        """Let each publication be written, but never answered, until `let_go`."""
        self._gate.clear()

    def let_go(self) -> None:
        self._gate.set()

    async def until(self, fact: Callable[[], bool]) -> None:
        """Wait until `fact` is true, looking whenever something was published."""
        async with asyncio.timeout(DEADLINE), self._changed:
            await self._changed.wait_for(fact)

    def ids(self, key: str | None = None) -> list[str]:
        return [each.headers["ce_id"] for each in self.published if key is None or each.key == key]

    async def publish(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        self.calls.append(messages)
        answers: list[Exception | None] = []
        behind: set[str] = set()
        for message in messages:
            answer: Exception | None = None
            if message.topic not in self.known:
                answer = TopicMissingError()
            elif message.key in self.broken or message.key in behind:
                answer = BrokenError()
            else:
                self.published.append(message)
            if answer:
                behind.add(message.key)
            answers.append(answer)
        async with self._changed:
            self._changed.notify_all()
        await self._gate.wait()
        return answers

    async def ensure_topics(self, topics: Iterable[str]) -> None:
        wanted = list(topics)
        self.asked_for += wanted
        async with self._changed:
            self._changed.notify_all()
        if not self.can_create:
            raise BrokenError
        self.known.update(wanted)

    async def missing(self, topics: Iterable[str]) -> Sequence[TopicSettings]:
        return [TopicSettings(topic, 1, 1) for topic in sorted(set(topics) - self.known)]

    async def topics(self) -> Sequence[str]:
        return sorted(self.known)

    async def lag(self, group: str) -> Mapping[TopicLane, int]:
        return {}

    async def subscribe(self, *_: Any, **__: Any) -> Subscription:
        raise NotImplementedError

    async def close(self) -> None:
        return None
