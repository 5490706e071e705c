"""A relay in a process of its own, to be killed: `python relay_process.py JSON`."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from service_runtime.clock import SystemClock
from service_runtime.database.engine import Database
from service_runtime.event_log.opening import open_event_log
from service_runtime.relay import Relay, RelayLimits
from service_runtime.wakeup import LocalWakeup

TESTS = Path(__file__).parent.parent


class RelayProcess:
    """Publishes `batch` events a round, so that there are many rounds to be killed in."""

    def __init__(self, database_url: str, schema: str, log_url: str, prefix: str, batch: int) -> None:
        settings = {
            "database": database_url,
            "schema": schema,
            "log": log_url,
            "prefix": prefix,
            "batch": batch,
        }
        words = [sys.executable, __file__, json.dumps(settings)]
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE)

    async def until_started(self) -> None:
        """Wait, without using the processor that it needs to start."""
        assert self._process.stdout is not None
        assert await asyncio.to_thread(self._process.stdout.readline) == b"started\n"

    def kill(self) -> None:
        """As kill -9: at once, giving nothing back."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


async def main(settings: dict[str, str]) -> None:
    from support.runtime_tables import Lease, Outbox

    database = Database.open(settings["database"], schema=settings["schema"])
    relay = Relay(
        database=database,
        outbox_table=Outbox,
        lease_table=Lease,
        event_log=open_event_log(settings["log"], topic_prefix=settings["prefix"], client_id="killed"),
        wakeup=LocalWakeup(),
        clock=SystemClock(),
        poll_seconds=0.01,
        limits=RelayLimits(batch=int(settings["batch"]), lease_seconds=2.0, pace_seconds=0.0),
    )
    print("started", flush=True)
    await relay.run(asyncio.Event())


if __name__ == "__main__":
    sys.path.insert(0, str(TESTS))
    asyncio.run(main(json.loads(sys.argv[1])))
