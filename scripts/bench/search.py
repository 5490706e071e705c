"""Searching among many Tasks: a provider's work list, by owner and status, twenty a page."""

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import asyncpg
import orjson
from figures import Report
from lahetti.composition.blueprint import COLLECTOR, GATEWAY, NOTIFIER
from outcome_collector.domain.task_documents import task_b
from referral_contracts.events import ReferralRouted
from service_runtime.ids import new_id
from service_runtime.tokens import TokenSigner
from system import EHR, MUNICIPALITIES, system

TASKS = 100_000
SPLIT = {GATEWAY: [["api"]], NOTIFIER: [], COLLECTOR: [["api"]]}
STATUSES = ("requested", "accepted", "in-progress", "on-hold", "completed", "rejected", "failed", "cancelled")
WEIGHTS = (5, 5, 8, 2, 60, 8, 7, 5)
"""Most of what a provider has had is over."""


async def search(report: Report, rate: float, seconds: float) -> None:
    """Open loop at `rate` a second among 100,000 Tasks, each request another provider and status."""
    async with system(split=SPLIT) as subject:
        await _fill(subject.database_url)
        base = subject.running.blueprint.service_urls[COLLECTOR]
        signer = TokenSigner(Path(subject.running.whereabouts.key_file))
        tokens = {
            name: signer.sign(client_id=name, kind="provider", scope="system/Task.s", seconds=7200)
            for name in MUNICIPALITIES
        }
        async with aiohttp.ClientSession() as client:
            await _run(client, base, tokens, rate, min(3.0, seconds))
            latencies = await _run(client, base, tokens, rate, seconds)
        await subject.peers.ledger()
    row = report.latencies(f"search {rate:g}/s", latencies, seconds=seconds, tasks=TASKS)
    report.bar("search", row["p50_ms"] <= 8 and row["p99_ms"] <= 60, "p50 <= 8 ms, p99 <= 60 ms at 50/s")


async def _run(
    client: aiohttp.ClientSession, base: str, tokens: dict[str, str], rate: float, seconds: float
) -> list[float]:
    """Milliseconds from when each request was meant to leave until it was answered whole."""
    began = time.perf_counter()

    async def one(number: int) -> float:
        intended = began + number / rate
        await asyncio.sleep(max(0.0, intended - time.perf_counter()))
        provider = random.choice(list(tokens))
        url = f"{base}/fhir/Task?owner=Organization/{provider}&status={random.choice(STATUSES)}&_count=20"
        headers = {"Authorization": f"Bearer {tokens[provider]}"}
        async with client.get(url, headers=headers) as answer:
            found = orjson.loads(await answer.read())
        if answer.status != 200 or len(found["entry"]) != 20:
            raise RuntimeError(f"a search answered {answer.status}")
        return (time.perf_counter() - intended) * 1000

    return list(await asyncio.gather(*(one(number) for number in range(int(rate * seconds)))))


async def _fill(database_url: str) -> None:
    """The Tasks, straight into the collector's table: how they came to be is not what is measured."""
    now = datetime.now(UTC) - timedelta(days=300)
    connection = await asyncpg.connect(database_url)
    columns = (
        "id", "kind", "referral", "client", "provider", "service_request", "focus", "version", "document",
        "status", "was_accepted", "was_in_progress", "contact_attempts", "last_updated", "written_xid",
        "test", "protected", "urgent", "watch_times", "sequence", "return_permitted",
    )  # fmt: skip
    try:
        rows = [_row(now + timedelta(seconds=250 * number)) for number in range(TASKS)]
        await connection.copy_records_to_table(
            "tasks", schema_name="collector", columns=list(columns), records=rows
        )
        await connection.execute("VACUUM ANALYZE collector.tasks")
    finally:
        await connection.close()


def _row(at: datetime) -> tuple[object, ...]:
    provider = random.choice(list(MUNICIPALITIES))
    (status,) = random.choices(STATUSES, WEIGHTS)
    routed = ReferralRouted(
        referral=new_id(), service_request=new_id(), provider=provider, client=EHR, test=False,
        protected=False, urgent=False, accept_by=at, contact_by=at, remind_at=at, mode="poll", task_a=None,
        ehr_request=None, return_permitted=True,
    )  # fmt: skip
    task = new_id()
    document = orjson.dumps(task_b(routed, task, at) | {"status": status})
    return (
        task, "B", routed.referral, EHR, provider, routed.service_request,
        f"ServiceRequest/{routed.service_request}", 1, document, status, False, False, 0, at, 1, False, False,
        False, 0, 0, True,
    )  # fmt: skip
