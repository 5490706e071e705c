"""Tells once more what became of deliveries whose end was not heard."""

from referral_contracts.events import TaskDeliveryAsked
from service_runtime.clock import Clock
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_notifier.ports import Plans
from provider_notifier.use_cases.report_deliveries import ReportDeliveries


class AnswerAboutDeliveries:
    """Rule: for each delivery of the event that has ended, its end is told again, under a new id: the old one
    may have been handled, and would be taken for a repeat. What is still being tried is told when it ends."""

    def __init__(self, plans: Plans, report: ReportDeliveries, clock: Clock) -> None:
        self._plans, self._report, self._clock = plans, report, clock

    async def __call__(self, session: AsyncConnection, asked: TaskDeliveryAsked) -> None:
        ended = await self._plans.of_event(session, asked.event)
        await self._report.again(session, ended, self._clock.now())
