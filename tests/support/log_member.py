"""Run as a process of its own: reads as a member of a group and prints what it read, until killed."""

import asyncio
import json
import sys

from service_runtime.event_log.opening import open_event_log


async def main(settings: dict[str, object]) -> None:
    log = open_event_log(settings["url"], topic_prefix=settings["prefix"], session_seconds=1.5)
    subscription = await log.subscribe(settings["group"], settings["member"], topics=[settings["topic"]])
    while True:
        records = await subscription.poll(0.2, 1)
        if settings["commit"]:
            await subscription.commit({record.topic_lane: record.offset + 1 for record in records})
        for record in records:
            print(
                json.dumps({"key": record.key, "value": int(record.value), "lane": record.lane}), flush=True
            )


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
