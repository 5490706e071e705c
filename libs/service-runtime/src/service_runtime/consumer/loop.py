"""The loop that polls, has polls handled, and commits: one poll, one transaction."""

import asyncio
from collections.abc import Callable, Sequence

from service_runtime.clock import Clock
from service_runtime.consumer.dead_letters import DeadLetters
from service_runtime.consumer.polls import Counts, Polls
from service_runtime.consumer.transactions import Handle, Transactions
from service_runtime.consumer.waiting import Waiting
from service_runtime.database.engine import Database
from service_runtime.event_log.port import EventLog, MemberFencedError, Record, Subscription, TopicLane
from service_runtime.events import ReceivedEvent
from service_runtime.inbox import Inbox
from service_runtime.logs import logger, where_raised
from service_runtime.outbox import Outbox
from service_runtime.wakeup import sleep_or_stop

_POLL_SECONDS = 0.5  # also how long a stop may take
_AWAY_SECONDS = 1.0
GATHER_SECONDS = 0.05


class Consumer:
    """One member of a group. A poll is handled in one transaction; if that fails, each record in its own.

    INVARIANT: a lane's position never passes a record that is neither handled nor a dead letter.
    INVARIANT: while the database is away nothing is given up."""

    def __init__(
        self,
        *,
        name: str,
        group: str,
        member: str,
        event_log: EventLog,
        database: Database,
        inbox: Inbox,
        outbox: Outbox,
        dead_letter_topic: str,
        decode: Callable[[Record], ReceivedEvent],
        handle: Handle,
        clock: Clock,
        topics: Sequence[str] = (),
        prefixes: Sequence[str] = (),
        give_up_after_seconds: float = 600.0,
        gather_seconds: float = GATHER_SECONDS,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`name` is the consumer's in the inbox; `member` is stable over restarts and its own in `group`.

        `gather_seconds` is how long it rests after handling records: what comes meanwhile is handled
        together, which spares most of the processor time under load. `beat` is called each round."""
        self._group, self._member, self._topics, self._prefixes = group, member, topics, prefixes
        self._event_log, self._beat, self._gather_seconds = event_log, beat, gather_seconds
        self._log = logger().bind(consumer=name)
        self._uncommitted: dict[TopicLane, int] = {}
        self._waiting = Waiting(clock, give_up_after_seconds)
        letters = DeadLetters(consumer=name, topic=dead_letter_topic, inbox=inbox, outbox=outbox)
        transactions = Transactions(
            consumer=name, database=database, inbox=inbox, letters=letters, handle=handle
        )
        self._polls = Polls(
            transactions=transactions, waiting=self._waiting, decode=decode, clock=clock, log=self._log
        )

    @property
    def counts(self) -> Counts:
        """What it has done so far."""
        return self._polls.counts

    async def lag(self) -> int:
        """How many records wait for the group."""
        return sum((await self._event_log.lag(self._group)).values())

    async def run(self, stop: asyncio.Event) -> None:
        """Read until `stop`. Raises MemberFencedError when another process has taken this member's name."""
        subscription = await self._event_log.subscribe(
            self._group, self._member, topics=self._topics, prefixes=self._prefixes
        )
        try:
            while not stop.is_set():
                self._beat()
                if await self._round(subscription, stop):
                    await sleep_or_stop(stop, self._gather_seconds)
        finally:
            await subscription.close()

    async def _round(self, subscription: Subscription, stop: asyncio.Event) -> bool:
        """One poll; True where it brought records."""
        progress = dict[TopicLane, int]()
        records: Sequence[Record] = ()
        try:
            for lane in self._waiting.take_due():
                await subscription.resume(lane)
            records = await subscription.poll(min(_POLL_SECONDS, self._waiting.next_in()))
            if records:
                for record in await self._polls.handle(records, progress, stop):
                    await subscription.pause(record.topic_lane)
                    await subscription.seek(record.topic_lane, record.offset)
        except MemberFencedError:
            raise
        except Exception as error:  # noqa: BLE001  the log or the database is away: the same records again, later
            self._log.warning(
                "consumer.interrupted", error=type(error).__name__, at_frames=where_raised(error)
            )
            for lane, offset in _first_offsets(records).items():
                await subscription.seek(lane, progress.get(lane, offset))
            await sleep_or_stop(stop, _AWAY_SECONDS)
        await self._commit(subscription, progress)
        return bool(records)

    async def _commit(self, subscription: Subscription, progress: dict[TopicLane, int]) -> None:
        self._uncommitted |= progress
        if not self._uncommitted:
            return
        try:
            await subscription.commit(self._uncommitted)
        except Exception as error:  # noqa: BLE001  the log is away: together with the next ones
            self._log.warning(
                "consumer.interrupted", error=type(error).__name__, at_frames=where_raised(error)
            )
        else:
            self._uncommitted = {}


def _first_offsets(records: Sequence[Record]) -> dict[TopicLane, int]:
    return {record.topic_lane: record.offset for record in reversed(records)}
