"""Takes in events: those about Tasks become deliveries, questions about deliveries get their answer, those
about endpoints become versions wanted, those about access become bars."""

from collections.abc import Awaitable, Callable, Sequence

from referral_contracts.events import AccessChanged, EndpointChanged, TaskDeliveryAsked, TaskNotice
from service_runtime.events import ReceivedEvent
from service_runtime.results import Done, Result
from service_runtime.tokens.bars import Bar, BarTable
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_notifier.use_cases.answer_about_deliveries import AnswerAboutDeliveries
from provider_notifier.use_cases.follow_directory import NoteEndpointChange
from provider_notifier.use_cases.plan_deliveries import PlanDeliveries

Handle = Callable[[AsyncConnection, Sequence[ReceivedEvent]], Awaitable[Sequence[Result]]]


def handler(
    plan: PlanDeliveries, answer: AnswerAboutDeliveries, note: NoteEndpointChange, bars: BarTable
) -> Handle:
    """The consumer's handler. Events of no concern are done."""

    async def handle(session: AsyncConnection, events: Sequence[ReceivedEvent]) -> Sequence[Result]:
        for event in events:
            if isinstance(event.data, EndpointChanged):
                await note(session, event.data)
            elif isinstance(event.data, AccessChanged):
                told = event.data
                await bars.note(session, Bar(told.name, told.issued_until, told.until), refused=told.refused)
            elif isinstance(event.data, TaskDeliveryAsked):
                await answer(session, event.data)
        about_tasks = [event for event in events if isinstance(event.data, TaskNotice)]
        answers = iter(await plan(session, about_tasks) if about_tasks else ())
        return [next(answers) if isinstance(event.data, TaskNotice) else Done() for event in events]

    return handle
