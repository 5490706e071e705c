"""The consumer of outcomes and deliveries."""

from collections.abc import Awaitable, Callable, Sequence

from service_runtime.events import ReceivedEvent
from service_runtime.results import Result
from sqlalchemy.ext.asyncio import AsyncConnection

from referral_gateway.use_cases.record_outcomes import RecordOutcomes


def handler(
    record: RecordOutcomes, look: Callable[[], Awaitable[None]]
) -> Callable[[AsyncConnection, Sequence[ReceivedEvent]], Awaitable[Sequence[Result]]]:
    """Handles a poll in the consumer's transaction, with the county as it is in force now."""

    async def handle(session: AsyncConnection, events: Sequence[ReceivedEvent]) -> Sequence[Result]:
        await look()
        return await record(session, events)

    return handle
