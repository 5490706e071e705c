"""One attempt at events: the inbox and the service's handler in one transaction."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from service_runtime import trace_context
from service_runtime.consumer.dead_letters import DeadLetters, GivenUp
from service_runtime.database.engine import Database
from service_runtime.events import ReceivedEvent
from service_runtime.inbox import Inbox
from service_runtime.results import Done, Result

Handle = Callable[[AsyncConnection, Sequence[ReceivedEvent]], Awaitable[Sequence[Result]]]
"""Handles events in the given transaction, in their order; one answer an event."""


class _NotDoneError(Exception):
    """Rolls the transaction back where an answer is not Done."""

    def __init__(self, results: Sequence[Result]) -> None:
        self.results = results


class Transactions:
    """Attempts at events of one consumer."""

    def __init__(
        self, *, consumer: str, database: Database, inbox: Inbox, letters: DeadLetters, handle: Handle
    ) -> None:
        self._consumer = consumer
        self._database = database
        self._inbox = inbox
        self._letters = letters
        self._handle = handle

    async def handle(self, events: Sequence[ReceivedEvent]) -> Sequence[Result]:
        """Hand those that are new to the handler; answer for all, with Done for those known.

        Committed if all are Done, else rolled back as a whole. What the handler or the database raises
        passes; ValueError where the handler does not give one answer an event."""
        first = {event.id: event for event in reversed(events)}  # a repeat within one poll is no new event
        trace_context.begin(events[0].record.headers.get("traceparent") if len(events) == 1 else None)
        try:
            async with self._database.write() as session:
                new = await self._inbox.take(session, self._consumer, list(first))
                fresh = [event for event in events if event.id in new and first[event.id] is event]
                results = await self._handle(session, fresh) if fresh else []
                if len(results) != len(fresh):
                    raise ValueError("a handler gives one answer an event")
                if not all(isinstance(result, Done) for result in results):
                    raise _NotDoneError(results)
        except _NotDoneError as not_done:
            return not_done.results
        return [Done()] * len(events)

    async def give_up(self, letters: list[GivenUp]) -> None:
        """Write dead letters, in a transaction of their own."""
        async with self._database.write() as session:
            await self._letters.write(session, letters)

    async def database_answers(self) -> bool:
        """Whether a failure can be the events' own."""
        try:
            await self._database.ping()
        except Exception:  # noqa: BLE001  whatever it is, the database did not answer
            return False
        return True
