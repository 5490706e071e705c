"""The benchmark of memory: PSS at rest and at 50 referrals a second."""

import asyncio
from collections.abc import Callable
from typing import Any

from embedded import embedded
from figures import Report
from scenarios import Loaded, all_answered, load
from system import EACH_ALONE, MUNICIPALITIES, THREE, system

RATE = 50
SETTLE_SECONDS = 10.0


async def memory(report: Report, seconds: float) -> None:
    """Three processes of all roles each, every role alone, and everything in one process."""
    async with system(split=THREE) as subject:
        rest, busy = await _rest_and_busy(subject, subject.memory_mb, seconds)
        await subject.peers.ledger()
    report.number("memory three processes, rest", total_mb=round(sum(rest.values()), 1), **rest)
    report.number("memory three processes, 50/s", total_mb=round(sum(busy.values()), 1), **busy)
    report.bar("memory three processes", sum(busy.values()) <= 450, "<= 450 MB")

    async with system(split=EACH_ALONE) as subject:
        rest, busy = await _rest_and_busy(subject, subject.memory_mb, seconds)
        await subject.peers.ledger()
    report.number("memory single role, rest", largest_mb=max(rest.values()), **rest)
    report.number("memory single role, 50/s", largest_mb=max(busy.values()), **busy)
    report.bar("memory single role", max(busy.values()) <= 120, "<= 120 MB")

    async with embedded() as alone:
        rest_mb, busy_mb = await _rest_and_busy(alone, alone.memory_mb, seconds)
        await alone.peers.ledger()
    report.number("memory embedded", rest_mb=rest_mb, busy_mb=busy_mb)
    report.bar("memory embedded", busy_mb <= 250, "<= 250 MB")


async def _rest_and_busy(subject: Loaded, measure: Callable[[], Any], seconds: float) -> tuple[Any, Any]:
    await asyncio.sleep(min(SETTLE_SECONDS, seconds))
    rest = measure()
    loading = load(subject, "memory", list(MUNICIPALITIES.values()), rate=RATE, seconds=seconds)
    task = asyncio.create_task(loading)
    await asyncio.sleep(seconds * 0.9)
    busy = measure()
    all_answered(await task)
    return rest, busy
