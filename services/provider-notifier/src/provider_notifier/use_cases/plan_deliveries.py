"""Plans the deliveries of events about Tasks."""

from collections.abc import Sequence
from datetime import datetime

from referral_contracts.events import TaskNotice
from service_runtime.clock import Clock
from service_runtime.events import ReceivedEvent
from service_runtime.results import Done, Result, Retry
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_notifier.domain.notice import Notice, iso
from provider_notifier.domain.plan import Planned, plan
from provider_notifier.ports import EndpointBook, Plans
from provider_notifier.use_cases.report_deliveries import ReportDeliveries

AGAIN_SECONDS = 1.0


class PlanDeliveries:
    """One delivery for each endpoint of the provider that hears of the Task.

    Writes deliveries, in the transaction in which the inbox takes the events. A provider whose endpoints are
    not known yet is asked about again: nothing is planned for it. Where none of its endpoints may hear of the
    Task, the delivery is written as exhausted and told of as such: that is a person's business, never
    silent. A withdrawn permission stops what waits."""

    def __init__(self, book: EndpointBook, plans: Plans, report: ReportDeliveries, clock: Clock) -> None:
        self._book, self._plans, self._report, self._clock = book, plans, report, clock

    async def __call__(self, session: AsyncConnection, events: Sequence[ReceivedEvent]) -> Sequence[Result]:
        known = await self._book.of_providers(session, {event.data.provider for event in events})
        results: list[Result] = []
        planned: list[Planned] = []
        for event in events:
            endpoints = known.get(event.data.provider)
            if endpoints is None or not endpoints.complete or not endpoints.known:
                results.append(Retry(AGAIN_SECONDS))
                continue
            sequence = event.sequence if event.sequence is not None else event.data.version
            planned += plan(event.id, sequence, _notice(event, event.data), endpoints.known)
            results.append(Done())
        now = self._clock.now()
        await self._plans.add(session, planned, now)
        await self._report.unheard(session, [one for one in planned if not one.has_listener])
        await self._stop_overtaken(session, planned, now)
        return results

    async def _stop_overtaken(
        self, session: AsyncConnection, planned: Sequence[Planned], now: datetime
    ) -> None:
        """Once the permission is withdrawn, what waits to tell of the Task is not sent any more; and an
        endpoint that has heard nothing of the Task yet hears nothing of its end either."""
        for one in planned:
            if one.notice.ends_permission and one.has_listener:
                stopped = await self._plans.stop_overtaken(session, one, now)
                await self._report.overtaken(session, stopped)


def _notice(event: ReceivedEvent, body: TaskNotice) -> Notice:
    return Notice(
        type=event.type,
        referral=body.referral,
        task=body.task,
        version=body.version,
        provider=body.provider,
        test=body.test,
        urgent=body.urgent,
        time=iso(event.time),
        permitted_until=body.permitted_until.isoformat() if body.permitted_until else None,
        traceparent=event.record.headers.get("traceparent"),
    )
