"""Reads all topics from the beginning, as a curious engineer would."""

import asyncio

from service_runtime.event_log.opening import open_event_log
from service_runtime.ids import new_id

from lahetti.demo.world import TopicRecord
from lahetti.state import Whereabouts

QUIET_SECONDS = 0.3


class TopicReader:
    """Collects the records of all topics in the order in which they are read."""

    def __init__(self, whereabouts: Whereabouts) -> None:
        self._log = open_event_log(
            whereabouts.event_log_url, topic_prefix=whereabouts.topic_prefix, client_id="lahetti-demo"
        )
        self._subscription = None
        self._records: list[TopicRecord] = []
        self._one_at_a_time = asyncio.Lock()

    async def read(self) -> list[TopicRecord]:
        """All records so far; returns once no more came for a moment."""
        async with self._one_at_a_time:
            if self._subscription is None:
                group = f"demo-{new_id()}"
                self._subscription = await self._log.subscribe(group, "0", prefixes=["lahetti."])
            while records := await self._subscription.poll(QUIET_SECONDS):
                self._records += [
                    TopicRecord(r.topic, r.headers.get("ce_type", ""), r.key, dict(r.headers), r.value)
                    for r in records
                ]
            return list(self._records)

    async def close(self) -> None:
        """Leave the group."""
        if self._subscription is not None:
            await self._subscription.close()
        await self._log.close()
