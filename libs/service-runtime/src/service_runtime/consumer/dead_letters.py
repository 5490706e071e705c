"""Dead letters: what a consumer gave up, by its place in the log, never by its content."""

import zlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from service_runtime.event_log.port import Record
from service_runtime.events import OutgoingEvent
from service_runtime.inbox import Inbox
from service_runtime.outbox import Outbox

EVENT_TYPE = "record.dead-lettered"
_PLACES = UUID("6f0d0e0a-4d0b-5d53-9a53-6a7d2f0c9a10")


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A record and why it is given up: `reason` is a constant text, `event` its id where it has one."""

    record: Record
    event: str | None
    reason: str
    attempts: int
    first_at: datetime
    last_at: datetime


class DeadLetters:
    """Writes them to the outbox, each once, however often its record is read again."""

    def __init__(self, *, consumer: str, topic: str, inbox: Inbox, outbox: Outbox) -> None:
        self._consumer = consumer
        self._topic = topic
        self._inbox = inbox
        self._outbox = outbox

    async def write(self, session: AsyncConnection, letters: list[GivenUp]) -> None:
        """In the caller's transaction. The value stays out: nobody can vouch for what we could not handle,
        and it lies in its topic for as long as topics keep records."""
        by_id = {_id(self._consumer, letter.record): letter for letter in letters}
        new = await self._inbox.take(session, self._consumer, list(by_id))
        await self._outbox.add(session, [self._event(id_, by_id[id_]) for id_ in by_id if id_ in new])

    def _event(self, id_: str, letter: GivenUp) -> OutgoingEvent:
        record = letter.record
        body = {
            "consumer": self._consumer,
            "topic": record.topic,
            "lane": record.lane,
            "offset": record.offset,
            "event": letter.event,
            "reason": letter.reason,
            "attempts": letter.attempts,
            "first_at": letter.first_at.isoformat(),
            "last_at": letter.last_at.isoformat(),
        }
        return OutgoingEvent(id_, EVENT_TYPE, self._topic, f"{record.topic}/{record.lane}", body)


def _id(consumer: str, record: Record) -> str:
    """The same for the same record; another for what lies there after the topic was made again."""
    place = f"{consumer}/{record.topic}/{record.lane}/{record.offset}/{zlib.crc32(record.value)}"
    return str(uuid5(_PLACES, place))
