"""Providers report: PATCH of Tasks with If-Match, on the state machine, at concurrency 32."""

import asyncio
import time
from collections import defaultdict
from pathlib import Path

import aiohttp
import asyncpg
import orjson
from figures import Report
from lahetti.composition.blueprint import COLLECTOR, GATEWAY, NOTIFIER
from referral_contracts.systems import STATUS_REASON
from scenarios import all_answered, load
from service_runtime.tokens import TokenSigner
from system import MUNICIPALITIES, System, system

SPLIT = {GATEWAY: [["api", "relay"]], NOTIFIER: [], COLLECTOR: [["api"], ["api"], ["consumer"]]}
"""Two workers take the reports; what they tell waits in the outbox, as it does while Kafka is away."""
CONCURRENCY = 32
MADE_SECONDS = 4.0
WAIT_SECONDS = 60.0
_WAITING = {"coding": [{"system": STATUS_REASON, "code": "waiting-for-client"}]}
_CYCLE = (
    [{"op": "replace", "path": "/status", "value": "in-progress"}],
    [
        {"op": "replace", "path": "/status", "value": "on-hold"},
        {"op": "add", "path": "/statusReason", "value": _WAITING},
    ],
)
_ACCEPT = [{"op": "replace", "path": "/status", "value": "accepted"}]


async def patch(report: Report, seconds: float) -> None:
    """Closed loop: each worker moves Tasks of its own, accepted, then in progress and on hold by turns; every
    move names the version before it."""
    async with system(split=SPLIT) as subject:
        made = await load(
            subject, "patch", list(MUNICIPALITIES.values()), concurrency=8, seconds=MADE_SECONDS
        )
        all_answered(made)
        tasks = await _tasks(subject, len(made))
        url = f"{subject.running.blueprint.service_urls[COLLECTOR]}/fhir/Task"
        signer = TokenSigner(Path(subject.running.whereabouts.key_file))
        tokens = {
            name: signer.sign(client_id=name, kind="provider", scope="system/Task.u", seconds=7200)
            for name in MUNICIPALITIES
        }
        async with aiohttp.ClientSession() as client:
            workers = [Worker(client, url, tokens, tasks[one::CONCURRENCY]) for one in range(CONCURRENCY)]
            await asyncio.gather(*(worker.run(min(3.0, seconds)) for worker in workers))
            began = time.perf_counter()
            runs = await asyncio.gather(*(worker.run(seconds) for worker in workers))
            took = time.perf_counter() - began
        await subject.peers.ledger()
    latencies = [one for run in runs for one in run]
    rate = round(len(latencies) / took, 1)
    report.latencies(f"patch c{CONCURRENCY}", latencies, per_second=rate, tasks=len(tasks))
    report.bar("patch", rate >= 410, ">= 410/s")


class Worker:
    """One connection's worth of reports on its own Tasks."""

    def __init__(
        self,
        client: aiohttp.ClientSession,
        url: str,
        tokens: dict[str, str],
        tasks: list[tuple[str, str]],
    ) -> None:
        self._client, self._url, self._tokens, self._tasks = client, url, tokens, tasks
        self._versions: dict[str, int] = defaultdict(lambda: 1)
        self._next = 0

    async def run(self, seconds: float) -> list[float]:
        """Milliseconds of each report until `seconds` are over."""
        until, taken = time.perf_counter() + seconds, list[float]()
        while time.perf_counter() < until:
            task, provider = self._tasks[self._next % len(self._tasks)]
            self._next += 1
            began = time.perf_counter()
            await self._report(task, provider)
            taken.append((time.perf_counter() - began) * 1000)
        return taken

    async def _report(self, task: str, provider: str) -> None:
        version = self._versions[task]
        headers = {
            "Authorization": f"Bearer {self._tokens[provider]}",
            "Content-Type": "application/json-patch+json",
            "If-Match": f'W/"{version}"',
        }
        body = orjson.dumps(_ACCEPT if version == 1 else _CYCLE[version % 2])
        async with self._client.patch(f"{self._url}/{task}", data=body, headers=headers) as answer:
            said = await answer.read()
        if answer.status != 200 or answer.headers["ETag"] != f'W/"{version + 1}"':
            raise RuntimeError(f"a report answered {answer.status}: {said[:300]!r}")
        self._versions[task] = version + 1


async def _tasks(subject: System, count: int) -> list[tuple[str, str]]:
    """(id, provider) of each Task B, once all `count` are there."""
    connection = await asyncpg.connect(subject.database_url)
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                rows = await connection.fetch("SELECT id, provider FROM collector.tasks WHERE kind = 'B'")
                if len(rows) >= count:
                    return [(row["id"], row["provider"]) for row in rows]
                await asyncio.sleep(0.2)
    finally:
        await connection.close()
