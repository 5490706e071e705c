"""The load generator, in a process of its own: posts prepared bodies, closed loop or open loop.

Reads one JSON object from standard input, prints one JSON object: the samples. Open-loop latencies count from
the intended send time, so a server that stalls is charged for all who had to wait (no coordinated omission).
"""

import asyncio
import json
import sys
import time
from itertools import count
from typing import Any

import aiohttp
import orjson
import uvloop
from lahetti.simulators.referral_bundles import referral_bundle

PLACE = b"00000000-BENCH-NUMBER"


def bodies(municipalities: list[str], task_base: str | None) -> list[bytes]:
    """One Bundle a municipality, with a place for the referral's number: four resources, and Task A where
    the EHR keeps one at `task_base`."""
    made: list[bytes] = []
    for municipality in municipalities:
        task = f"{task_base}/{PLACE.decode()}" if task_base else None
        bundle = referral_bundle(identifier=PLACE.decode(), municipality=municipality, task_a_url=task)
        made.append(json.dumps(bundle, separators=(",", ":")).encode())
    return made


class Load:
    """Sends referrals and remembers when each was meant to leave, when it was answered, and with what."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._bodies = bodies(plan["municipalities"], plan.get("task_base"))
        self._headers = {
            "Authorization": f"Bearer {plan['token']}",
            "Content-Type": "application/fhir+json",
        }
        self._numbers = count()
        self.samples: list[tuple[float, float, int, str]] = []

    async def run(self) -> None:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, trust_env=False) as session:
            if "rate" in self._plan:
                await self._open_loop(session)
            else:
                await self._closed_loop(session)

    async def _closed_loop(self, session: aiohttp.ClientSession) -> None:
        until = time.time() + self._plan["seconds"]

        async def worker() -> None:
            while time.time() < until:
                await self._post(session, time.time())

        await asyncio.gather(*(worker() for _ in range(self._plan["concurrency"])))

    async def _open_loop(self, session: aiohttp.ClientSession) -> None:
        rate, seconds = self._plan["rate"], self._plan["seconds"]
        begin = time.time()
        under_way = set[asyncio.Task[None]]()
        for number in range(int(rate * seconds)):
            intended = begin + number / rate
            delay = intended - time.time()
            if delay > 0:
                await asyncio.sleep(delay)
            task = asyncio.create_task(self._post(session, intended))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)

    async def _post(self, session: aiohttp.ClientSession, intended: float) -> None:
        number = next(self._numbers)
        identifier = f"{self._plan['run']}-{number}".encode()
        body = self._bodies[number % len(self._bodies)].replace(PLACE, identifier)
        referral = ""
        try:
            async with session.post(self._plan["url"], data=body, headers=self._headers) as answer:
                received = await answer.read()
                status = answer.status
            if status == 200:
                referral = _referral(received)
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        self.samples.append((intended, time.time(), status, referral))


def _referral(body: bytes) -> str:
    for entry in orjson.loads(body)["entry"]:
        kind, _, rest = entry["response"]["location"].partition("/")
        if kind == "ServiceRequest":
            return rest.split("/")[0]
    return ""


async def main() -> None:
    load = Load(json.loads(sys.stdin.read()))
    await load.run()
    print(json.dumps(load.samples))


if __name__ == "__main__":
    uvloop.run(main())
