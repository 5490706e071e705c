"""Providers report: PATCH of Tasks with If-Match, on the state machine, at concurrency 32."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import asyncpg
import orjson
from figures import Report
from lahetti.composition.blueprint import COLLECTOR, GATEWAY, NOTIFIER
from pairs import beside
from referral_contracts.systems import STATUS_REASON
from scenarios import all_answered, load
from service_runtime.tokens import TokenSigner
from system import MUNICIPALITIES, System, system

SPLIT = {GATEWAY: [["api", "relay"]], NOTIFIER: [], COLLECTOR: [["api"], ["api"], ["consumer"]]}
"""Two workers take the reports; what they tell waits in the outbox, as it does while Kafka is away."""
CONCURRENCY = 32
MADE_SECONDS = 4.0
WARM_SECONDS = 8.0
"""PostgreSQL plans a statement anew the first five times of each connection."""
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
        workers = [Worker(url, tokens, tasks[one::CONCURRENCY]) for one in range(CONCURRENCY)]
        latencies, rate = await _measured(workers, seconds)

        async def in_turn(_: int) -> float:
            return (await _measured(workers, max(2.0, seconds / 2)))[1]

        apis = [role for role in subject.running.roles if role.service == COLLECTOR and "api" in role.roles]
        pairs = await beside(apis, "locked_collector.py", in_turn)
        await subject.peers.ledger()
    report.latencies(f"patch c{CONCURRENCY}", latencies, per_second=round(rate, 1), tasks=len(tasks))
    report.bar("patch", rate >= 410, ">= 410/s")
    report.number(
        f"patch c{CONCURRENCY} beside itself under locks", ratio=pairs.ratio, ratios=pairs.ratios,
        whole=pairs.whole, locked=pairs.other,
    )  # fmt: skip


async def _measured(workers: Sequence["Worker"], seconds: float) -> tuple[list[float], float]:
    """Each report's milliseconds, and how many there were a second, once all is warm."""
    async with aiohttp.ClientSession() as client:
        await asyncio.gather(*(worker.run(client, min(WARM_SECONDS, seconds)) for worker in workers))
        began = time.perf_counter()
        runs = await asyncio.gather(*(worker.run(client, seconds) for worker in workers))
        took = time.perf_counter() - began
    latencies = [one for run in runs for one in run]
    return latencies, len(latencies) / took


class Worker:
    """One connection's worth of reports on its own Tasks."""

    def __init__(self, url: str, tokens: dict[str, str], tasks: list[tuple[str, str]]) -> None:
        self._url, self._tokens, self._tasks = url, tokens, tasks
        self._versions: dict[str, int] = defaultdict(lambda: 1)
        self._next = 0

    async def run(self, client: aiohttp.ClientSession, seconds: float) -> list[float]:
        """Milliseconds of each report until `seconds` are over."""
        until, taken = time.perf_counter() + seconds, list[float]()
        while time.perf_counter() < until:
            task, provider = self._tasks[self._next % len(self._tasks)]
            self._next += 1
            began = time.perf_counter()
            await self._report(client, task, provider)
            taken.append((time.perf_counter() - began) * 1000)
        return taken

    async def _report(self, client: aiohttp.ClientSession, task: str, provider: str) -> None:
        version = self._versions[task]
        headers = {
            "Authorization": f"Bearer {self._tokens[provider]}",
            "Content-Type": "application/json-patch+json",
            "If-Match": f'W/"{version}"',
        }
        body = orjson.dumps(_ACCEPT if version == 1 else _CYCLE[version % 2])
        async with client.patch(f"{self._url}/{task}", data=body, headers=headers) as answer:
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
