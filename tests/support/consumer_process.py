"""Run as a process of its own: a consumer that stands still in the middle of its work, to be killed there."""

import asyncio
import json
import sys

from service_runtime.database.engine import Database
from service_runtime.event_log.opening import open_event_log
from service_runtime.results import Done
from support.consumers import Handler, Workplace


class StandingStill(Handler):
    """Handles polls until it has seen `most` events; then stands still before or after the commit."""

    def __init__(self, most: int) -> None:
        super().__init__(lambda number, attempt: Done())
        self._most = most

    async def __call__(self, session, events):
        results = await super().__call__(session, events)
        print(json.dumps([event.data for event in events]), flush=True)
        if len(self.order) >= self._most:
            await asyncio.Event().wait()
        return results


async def main(settings: dict[str, object]) -> None:
    log = open_event_log(settings["log"], topic_prefix=settings["prefix"], session_seconds=1.5)
    database = Database.open(settings["database"], schema=settings["schema"])
    handler = StandingStill(settings["most"])
    await Workplace(log, database).consumer(handler, member="0").run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
