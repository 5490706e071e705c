"""Dry runs of routing: the whole Bundle in, every candidate and the rule out, nothing written."""

import asyncio
import time

import aiohttp
from figures import Report
from lahetti.simulators.referral_bundles import referral_bundle
from system import MUNICIPALITIES, TWO_WORKERS, system


async def route(report: Report, rate: float, seconds: float) -> None:
    """Open loop at `rate` a second, each request for another municipality."""
    async with system(split=TWO_WORKERS) as subject:
        url = f"{subject.gateway}/ServiceRequest/$route"
        headers = {"Authorization": f"Bearer {subject.token}", "Content-Type": "application/fhir+json"}
        async with aiohttp.ClientSession(headers=headers) as client:
            await _run(client, url, rate, min(3.0, seconds))
            latencies = await _run(client, url, rate, seconds)
        await subject.peers.ledger()
    row = report.latencies(f"route {rate:g}/s", latencies, seconds=seconds)
    report.bar("route", row["p99_ms"] <= 60, "p99 <= 60 ms at 50/s")


async def _run(client: aiohttp.ClientSession, url: str, rate: float, seconds: float) -> list[float]:
    """Milliseconds from when each request was meant to leave until it was answered whole."""
    bundles = [
        referral_bundle(identifier="BENCH-ROUTE", municipality=code) for code in MUNICIPALITIES.values()
    ]
    began = time.perf_counter()

    async def one(number: int) -> float:
        intended = began + number / rate
        await asyncio.sleep(max(0.0, intended - time.perf_counter()))
        async with client.post(url, json=bundles[number % len(bundles)]) as answer:
            found = await answer.read()
        if answer.status != 200 or b'"chosen","valueBoolean":true' not in found:
            raise RuntimeError(f"a dry run answered {answer.status}")
        return (time.perf_counter() - intended) * 1000

    return list(await asyncio.gather(*(one(number) for number in range(int(rate * seconds)))))
