"""What a consumer does with the records of one poll."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from service_runtime.clock import Clock
from service_runtime.consumer.dead_letters import GivenUp
from service_runtime.consumer.transactions import Transactions
from service_runtime.consumer.waiting import Waiting
from service_runtime.event_log.port import Record, TopicLane
from service_runtime.events import ReceivedEvent, UndecodableError
from service_runtime.logs import where_raised
from service_runtime.results import DeadLetter, Done, Result, Retry

_TOO_LONG = "not possible for too long"


@dataclass(slots=True)
class Counts:
    """What one consumer has done since it started, for metrics."""

    handled: int = 0
    """Events handled, those that the inbox knew already included."""
    postponed: int = 0
    """Attempts at single events that answered Retry or raised."""
    dead_lettered: int = 0


class Polls:
    """Handles the records of a poll together; if that fails, one by one, in order."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        waiting: Waiting,
        decode: Callable[[Record], ReceivedEvent],
        clock: Clock,
        log: Any,
    ) -> None:
        self.counts = Counts()
        self._transactions = transactions
        self._waiting = waiting
        self._decode = decode
        self._clock = clock
        self._log = log

    async def handle(
        self, records: Sequence[Record], progress: dict[TopicLane, int], stop: asyncio.Event
    ) -> Sequence[Record]:
        """Note in `progress` up to where each lane is done with; answer the records at which lanes wait.

        Raises, with `progress` true until then, where the database does not answer."""
        decoded = [(record, self._event_or_reason(record)) for record in records]
        unreadable = [self._unreadable(record, what) for record, what in decoded if isinstance(what, str)]
        if unreadable:
            await self._transactions.give_up(unreadable)
            self.counts.dead_lettered += len(unreadable)
        events = [what for _, what in decoded if not isinstance(what, str)]
        outcome = await self._attempt(events) if events else []
        if _all_done(outcome):
            self.counts.handled += len(events)
            for record in records:
                self._done(record, progress)
            return []
        alone = outcome if len(events) == 1 else None
        return await self._one_by_one(decoded, alone, progress, stop)

    async def _one_by_one(
        self,
        decoded: Sequence[tuple[Record, ReceivedEvent | str]],
        alone: Sequence[Result] | Exception | None,
        progress: dict[TopicLane, int],
        stop: asyncio.Event,
    ) -> Sequence[Record]:
        """`alone` is the outcome of the only event, if there is one only: it is not attempted twice."""
        stopped: dict[TopicLane, Record] = {}
        for record, what in decoded:
            if stop.is_set():
                break
            if record.topic_lane in stopped:
                continue
            if not isinstance(what, str) and not await self._settle(
                what, alone or await self._attempt([what])
            ):
                stopped[record.topic_lane] = record
            else:
                self._done(record, progress)
        return list(stopped.values())

    async def _attempt(self, events: Sequence[ReceivedEvent]) -> Sequence[Result] | Exception:
        try:
            return await self._transactions.handle(events)
        except Exception as error:
            if not await self._transactions.database_answers():
                raise
            return error

    async def _settle(self, event: ReceivedEvent, outcome: Sequence[Result] | Exception) -> bool:
        """True where the lane can go on."""
        result = None if isinstance(outcome, Exception) else outcome[0]
        if isinstance(result, Done):
            self.counts.handled += 1
            return True
        self._waiting.failed(event.record)
        if isinstance(result, DeadLetter):
            await self._give_up(event, result.reason)
            return True
        if self._waiting.too_long(event.record):
            await self._give_up(event, _TOO_LONG)
            return True
        self.counts.postponed += 1
        after = result.after if isinstance(result, Retry) else None
        seconds = self._waiting.postpone(event.record.topic_lane, after)
        raised = (
            {"error": type(outcome).__name__, "at_frames": where_raised(outcome)}
            if isinstance(outcome, Exception)
            else {}
        )
        self._log.warning("event.postponed", **self._ids(event), retry_after=round(seconds, 3), **raised)
        return False

    async def _give_up(self, event: ReceivedEvent, reason: str) -> None:
        record, waiting = event.record, self._waiting
        attempts, since = waiting.attempts(record), waiting.since(record)
        letter = GivenUp(record, event.id, reason, attempts, since, self._clock.now())
        await self._transactions.give_up([letter])
        self.counts.dead_lettered += 1
        self._log.error("event.dead_lettered", **self._ids(event), reason=reason)

    def _event_or_reason(self, record: Record) -> ReceivedEvent | str:
        try:
            return self._decode(record)
        except UndecodableError as error:
            return str(error)

    def _unreadable(self, record: Record, reason: str) -> GivenUp:
        now = self._clock.now()
        place = {"topic": record.topic, "lane": record.lane, "offset": record.offset}
        self._log.error("record.unreadable", **place, reason=reason)
        return GivenUp(record, None, reason, 1, now, now)

    def _done(self, record: Record, progress: dict[TopicLane, int]) -> None:
        progress[record.topic_lane] = record.offset + 1
        self._waiting.handled(record.topic_lane)

    def _ids(self, event: ReceivedEvent) -> dict[str, Any]:
        record = event.record
        return {
            "topic": record.topic,
            "lane": record.lane,
            "offset": record.offset,
            "event_id": event.id,
            "event_type": event.type,
            "attempt": self._waiting.attempts(record),
        }


def _all_done(outcome: Sequence[Result] | Exception) -> bool:
    return not isinstance(outcome, Exception) and all(isinstance(result, Done) for result in outcome)
