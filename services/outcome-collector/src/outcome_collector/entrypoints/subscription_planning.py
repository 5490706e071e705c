"""The loop that plans what subscriptions are told of."""

import asyncio
from collections.abc import Callable

from service_runtime.database.connecting import DatabaseError
from service_runtime.logs import logger
from service_runtime.wakeup import sleep_or_stop

from outcome_collector.adapters.subscription_plans import SubscriptionPlans

_log = logger()


async def plan_notifications(
    plans: SubscriptionPlans, stop: asyncio.Event, *, poll_seconds: float, beat: Callable[[], None]
) -> None:
    """Plan until `stop`. It looks, and is not woken: no Task's change waits for a subscription."""
    while not stop.is_set():
        beat()
        planned = 0
        try:
            planned = await plans.plan()
        except DatabaseError as error:
            _log.warning("subscriptions.failed", error=type(error).__name__)
        if not planned:
            await sleep_or_stop(stop, poll_seconds)
