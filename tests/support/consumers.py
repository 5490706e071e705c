"""A consumer at work on a log and a database, with a handler that a test scripts."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import orjson
from service_runtime.clock import SystemClock
from service_runtime.consumer import Consumer
from service_runtime.database.engine import Database
from service_runtime.event_log.port import EventLog, Message
from service_runtime.events import ReceivedEvent, decoder
from service_runtime.ids import new_id
from service_runtime.inbox import Inbox as InboxWriter
from service_runtime.outbox import Outbox as OutboxWriter
from service_runtime.results import Done, Result
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from support.runtime_tables import Inbox, Outbox

DEAD_LETTERS = "dead-letters"
TOPIC = "events"


def event(key: str, number: int, *, id_: str | None = None, topic: str = TOPIC) -> Message:
    """An event as a relay publishes it."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": id_ or new_id(),
        "ce_type": "counted",
        "ce_source": "/test",
        "ce_time": "2026-03-02T09:00:00+00:00",
        "ce_subject": key,
    }
    return Message(topic, key, headers, orjson.dumps({"n": number}))


def unreadable(key: str) -> Message:
    return Message(TOPIC, key, {"ce_id": "no id"}, b"not json")


def parse(event_type: str, value: bytes) -> Any:
    if event_type != "counted":
        raise ValueError("unknown")
    return orjson.loads(value)["n"]


Answer = Callable[[int, int], Result]
"""What to do with the event of a number, at its n-th attempt alone or in a poll; may raise."""


class Handler:
    """Writes a row for each event and notes what it saw; what was committed is in the database."""

    def __init__(self, answer: Answer = lambda number, attempt: Done()) -> None:
        self.answer = answer
        self.polls: list[list[int]] = []
        self.attempts: defaultdict[int, int] = defaultdict(int)

    async def __call__(self, session: AsyncConnection, events: Sequence[ReceivedEvent]) -> Sequence[Result]:
        self.polls.append([each.data for each in events])
        results: list[Result] = []
        for each in events:
            self.attempts[each.data] += 1
            results.append(self.answer(each.data, self.attempts[each.data]))
            row = {"consumer": "handled", "event_id": each.id, "handled_at": each.time}
            await session.execute(insert(Inbox), row)
        return results

    @property
    def order(self) -> list[int]:
        return [number for poll in self.polls for number in poll]


class Workplace:
    """A log with topics and a database with tables."""

    def __init__(self, event_log: EventLog, database: Database) -> None:
        self.event_log = event_log
        self.database = database

    def consumer(self, handle: Handler, *, member: str = "0", clock=None, **options: Any) -> Consumer:
        clock = clock or SystemClock()
        return Consumer(
            name="counter",
            group="counters",
            member=member,
            topics=[TOPIC],
            event_log=self.event_log,
            database=self.database,
            inbox=InboxWriter(Inbox, clock),
            outbox=OutboxWriter(Outbox, source="/test", clock=clock),
            dead_letter_topic=DEAD_LETTERS,
            decode=decoder(parse),
            handle=handle,
            clock=clock,
            **options,
        )

    @asynccontextmanager
    async def running(self, consumer: Consumer):
        """The consumer's loop, stopped at the end as a shutdown does it."""
        stop = asyncio.Event()
        task = asyncio.create_task(consumer.run(stop))
        try:
            yield task
        finally:
            stop.set()
            await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()):
            raise error

    async def dead_letters(self) -> list[dict[str, Any]]:
        async with self.database.read() as session:
            rows = (await session.execute(select(Outbox.value).order_by(Outbox.sequence))).scalars()
            return [orjson.loads(value) for value in rows]

    async def committed(self) -> int:
        """How many events' handling is committed."""
        async with self.database.read() as session:
            query = select(Inbox.event_id).where(Inbox.consumer == "handled")
            return len((await session.execute(query)).all())


async def eventually(fact: Callable[[], Awaitable[Any]], seconds: float = 30.0) -> None:
    """Wait until `fact` is true."""
    until = monotonic() + seconds
    while not await fact():
        assert monotonic() < until, "it did not become true in time"
        await asyncio.sleep(0.02)
