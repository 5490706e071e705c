"""The benchmarks of speed: accept, loop, closed loop. Each loses nothing, or the run fails."""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from figures import Report
from lahetti.simulators.facts import NeverCameTrueError, until_answered
from pairs import beside
from system import MUNICIPALITIES, TWO_WORKERS, System, system

HERE = Path(__file__).parent
DRAIN_SECONDS = 120


class Loaded(Protocol):
    """What the load generator needs to know of an installation."""

    @property
    def gateway(self) -> str: ...

    @property
    def token(self) -> str: ...


class LostError(Exception):
    """An acknowledged referral did not arrive; the figures are worth nothing."""


@dataclass(frozen=True)
class Sample:
    """One request: when it was meant to leave, when it was answered, with what; seconds since the epoch."""

    intended: float
    answered: float
    status: int
    referral: str

    @property
    def milliseconds(self) -> float:
        return (self.answered - self.intended) * 1000


async def load(subject: Loaded, run: str, municipalities: Sequence[str], **plan: Any) -> list[Sample]:
    """Run the load generator in its own process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(HERE / "load.py"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=256 * 1024 * 1024,
    )
    wanted = {
        "url": subject.gateway,
        "token": subject.token,
        "run": run,
        "municipalities": list(municipalities),
        **plan,
    }
    printed, _ = await process.communicate(json.dumps(wanted).encode())
    if process.returncode:
        raise LostError("the load generator failed")
    return [Sample(*values) for values in json.loads(printed)]


async def accept(report: Report, seconds: float) -> None:
    """Closed loop at concurrency 1, 8, 32; spread over the municipalities, then all to one agreement.

    Two API workers and PostgreSQL; the rest of the way is what `loop` measures."""
    spread, one = list(MUNICIPALITIES.values()), [MUNICIPALITIES["kotka"]]
    best: dict[str, float] = {}
    async with system(split=TWO_WORKERS) as subject:
        await load(subject, "warm-up", spread, concurrency=8, seconds=min(3.0, seconds))
        for name, municipalities in (("spread", spread), ("one agreement", one)):
            for concurrency in (1, 8, 32):
                run = f"accept-{name[:3]}-{concurrency}"
                began = time.time()
                samples = await load(subject, run, municipalities, concurrency=concurrency, seconds=seconds)
                took = max(sample.answered for sample in samples) - began
                rate = round(len(samples) / took, 1)
                best[name] = max(best.get(name, 0), rate)
                all_answered(samples)
                figure = f"accept {name} c{concurrency}"
                report.latencies(figure, [s.milliseconds for s in samples], per_second=rate)
        ratio = await _beside_bare(report, subject, seconds)
        await subject.peers.ledger()
    report.bar("accept beside bare", ratio >= 0.85, ">= 0.85 of the rate without")
    report.bar("accept spread", best["spread"] >= 250, ">= 250/s")
    report.bar("accept one agreement", best["one agreement"] >= 150, ">= 150/s")


async def _beside_bare(report: Report, subject: System, seconds: float) -> float:
    """The rate at concurrency 32, divided by that of the same system without tokens, validation and the
    county's rules."""

    async def rate(turn: int) -> float:
        spread = list(MUNICIPALITIES.values())
        await load(subject, f"warm-{turn}", spread, concurrency=8, seconds=min(3.0, seconds))
        samples = await load(subject, f"beside-{turn}", spread, concurrency=32, seconds=seconds / 2)
        all_answered(samples)
        began = min(sample.intended for sample in samples)
        return len(samples) / (max(sample.answered for sample in samples) - began)

    pairs = await beside(subject.running.roles, "bare_gateway.py", rate)
    report.number(
        "accept c32 beside bare", ratio=pairs.ratio, ratios=pairs.ratios, whole=pairs.whole, bare=pairs.other
    )
    return pairs.ratio


async def loop(report: Report, rate: float, seconds: float) -> None:
    """Open loop: a referral's intended send time to its webhook's arrival."""
    async with system() as subject:
        warm = await load(subject, "warm-up", list(MUNICIPALITIES.values()), rate=25, seconds=10)
        all_answered(warm)
        samples, refused = taken_of(
            await load(subject, "loop", list(MUNICIPALITIES.values()), rate=rate, seconds=seconds)
        )
        tasks = await _tasks_when(subject, samples)
        memory = subject.memory_mb()
        await _drained(subject, len(warm) + len(samples))
        ledger = await subject.peers.ledger()
    arrived = {task.rsplit("/", 1)[-1]: at for at, _, task in reversed(ledger["hooks"])}
    missing = [sample for sample in samples if tasks.get(sample.referral) not in arrived]
    if missing:
        raise LostError(f"{len(missing)} of {len(samples)} acknowledged referrals never reached a webhook")
    latencies = [(arrived[tasks[sample.referral]] - sample.intended) * 1000 for sample in samples]
    figure = f"loop {rate:g}/s"
    row = report.latencies(
        figure,
        latencies,
        seconds=seconds,
        refused=refused,
        p95_by_quarter_ms=_quarters(latencies),
        repeats=len(ledger["hooks"]) - len({hook for _, hook, _ in ledger["hooks"]}),
        pss_mb=round(sum(memory.values()), 1),
    )
    if rate == 75:
        held = not refused and not _growing(latencies)
        report.bar(figure, row["p95_ms"] <= 250 and held, "held, p95 <= 250 ms")


async def closed_loop(report: Report, rate: float, seconds: float) -> None:
    """Open loop: a referral's intended send time to the EHR's own Task A completed."""
    async with system(completes=True) as subject:
        plan = {"task_base": f"{subject.peers.origin}/fhir/Task"}
        spread = list(MUNICIPALITIES.values())
        warm = await load(subject, "warm-up", spread, rate=min(rate, 5), seconds=min(seconds, 8), **plan)
        await _completed(subject, len(warm))
        samples = await load(subject, "closed", spread, rate=rate, seconds=seconds, **plan)
        all_answered(samples)
        await _completed(subject, len(warm) + len(samples))
        ledger = await subject.peers.ledger()
    completed: dict[str, float] = ledger["completed"]
    ends = [completed.get(f"closed-{number}") for number in range(len(samples))]
    if None in ends:
        raise LostError(f"{ends.count(None)} of {len(samples)} Tasks A never completed")
    ordered = sorted(samples, key=lambda sample: sample.intended)
    latencies = [(end - s.intended) * 1000 for end, s in zip(ends, ordered, strict=True) if end]
    report.latencies(f"closed loop {rate:g}/s", latencies, seconds=seconds)


def taken_of(samples: Sequence[Sample]) -> tuple[Sequence[Sample], int]:
    """Those that were acknowledged, and how many were told 503: past what a system carries it says so, and
    the record system tries again. Raises LostError on any other answer."""
    refused = [sample for sample in samples if sample.status == 503]
    taken = [sample for sample in samples if sample.status != 503]
    all_answered(taken)
    return taken, len(refused)


def all_answered(samples: Sequence[Sample]) -> None:
    refused = [sample.status for sample in samples if sample.status != 200]
    if refused:
        raise LostError(f"{len(refused)} of {len(samples)} referrals were not taken: {sorted(set(refused))}")


async def _tasks_when(subject: System, samples: Sequence[Sample]) -> dict[str, str]:
    """Task B by referral, read from the collector's table once each referral has one."""

    async def all_there() -> dict[str, str] | None:
        connection = await asyncpg.connect(subject.database_url)
        try:
            rows = await connection.fetch(
                "SELECT referral::text, id::text FROM collector.tasks WHERE kind = 'B'"
            )
        finally:
            await connection.close()
        found = {row["referral"]: row["id"] for row in rows}
        return found if all(sample.referral in found for sample in samples) else None

    return await until_answered("every referral has its Task", all_there, seconds=DRAIN_SECONDS)


async def _drained(subject: System, least: int) -> None:
    await _count(
        subject, "SELECT count(*) FROM notifier.deliveries WHERE state = 'succeeded'", least, "delivered"
    )


async def _completed(subject: System, least: int) -> None:
    await _count(
        subject,
        "SELECT count(*) FROM collector.tasks a WHERE kind = 'A' AND status = 'completed'"
        " AND NOT EXISTS (SELECT 1 FROM collector.write_backs w"
        " WHERE w.ordering_key = a.id::text AND w.state <> 'succeeded')",
        least,
        "written back",
    )


async def _count(subject: System, query: str, least: int, what: str) -> None:
    async def enough() -> bool | None:
        connection = await asyncpg.connect(subject.database_url)
        try:
            return True if await connection.fetchval(query) >= least else None
        finally:
            await connection.close()

    try:
        await until_answered(f"{least} {what}", enough, seconds=DRAIN_SECONDS)
    except NeverCameTrueError as never:
        raise LostError(f"{never}; {await _states(subject)}") from None


async def _states(subject: System) -> str:
    """How far everything is that was to be sent."""
    connection = await asyncpg.connect(subject.database_url)
    try:
        rows = await connection.fetch(
            "SELECT 'delivery' AS what, state, last_outcome, attempts, count(*) AS count"
            " FROM notifier.deliveries GROUP BY 2, 3, 4 UNION ALL"
            " SELECT 'write-back', state, last_outcome, attempts, count(*)"
            " FROM collector.write_backs GROUP BY 2, 3, 4"
        )
    finally:
        await connection.close()
    return "; ".join(" ".join(str(value) for value in row) for row in rows)


def _quarters(latencies: Sequence[float]) -> list[float]:
    """p95 of each quarter of the run, in the order of sending: a growing backlog shows here."""
    size = max(1, len(latencies) // 4)
    parts = [sorted(latencies[start : start + size]) for start in range(0, size * 4, size)]
    return [round(part[int(len(part) * 0.95) - 1], 1) for part in parts if part]


def _growing(latencies: Sequence[float]) -> bool:
    quarters = _quarters(latencies)
    return all(later > earlier * 1.5 for earlier, later in pairwise(quarters))
