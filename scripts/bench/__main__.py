"""`make bench`: prints machine, versions, and count and p50/p95/p99 of each figure.

  python scripts/bench [--json] [--short] [accept|loop|closed|patch|search|route|validation|memory …]

`--short` runs everything briefly: that it runs and loses nothing. Exit code 1 only when something was lost.
"""

import argparse
import asyncio
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import asyncpg
import scenarios
from figures import Report
from lahetti.composition.engines import engines
from memory import memory
from patch import patch
from redis.asyncio import Redis
from route import route
from search import search
from validation import validation

ROOT = Path(__file__).resolve().parents[2]


async def engine_versions() -> dict[str, str]:
    """Of the servers as they answer, and of Kafka as it is pinned."""
    found = engines()
    connection = await asyncpg.connect(found.postgres)
    redis = Redis.from_url(found.redis)
    try:
        postgres = await connection.fetchval("SHOW server_version")
        fsync = await connection.fetchval("SHOW fsync")
        redis_version = (await redis.info("server"))["redis_version"]
    finally:
        await connection.close()
        await redis.aclose()
    pom = (ROOT / "scripts" / "parts" / "pom.xml").read_text()
    kafka = re.search(r"kafka_2\.13</artifactId>\s*<version>([^<]+)", pom)
    return {
        "kafka": kafka.group(1) if kafka else "unknown",
        "postgresql": f"{postgres} fsync={fsync}",
        "redis": redis_version,
    }


async def run(names: list[str], report: Report, *, short: bool) -> None:
    report.machine(await engine_versions())
    if "accept" in names:
        await scenarios.accept(report, 3 if short else 15)
    if "loop" in names:
        for rate, seconds in ((25, 5),) if short else ((25, 30), (50, 30), (75, 120), (100, 60)):
            await scenarios.loop(report, rate, seconds)
    if "closed" in names:
        await scenarios.closed_loop(report, 10 if short else 25, 5 if short else 60)
    if "patch" in names:
        await patch(report, 3 if short else 15)
    if "search" in names:
        await search(report, 50, 3 if short else 20)
    if "route" in names:
        await route(report, 50, 3 if short else 20)
    if "validation" in names:
        validation(report, 3 if short else 20)
    if "memory" in names:
        await memory(report, 6 if short else 30)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="accept|loop|closed|patch|search|route|validation|memory")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--short", action="store_true", help="briefly")
    arguments = parser.parse_args()
    known = ["accept", "loop", "closed", "patch", "search", "route", "validation", "memory"]
    if unknown := set(arguments.names) - set(known):
        print(
            f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr
        )
        return 2
    report = Report(arguments.json, ROOT / ".run" / "bench-raw")
    try:
        asyncio.run(run(arguments.names or known, report, short=arguments.short))
    except scenarios.LostError as lost:
        print(f"bench: {lost}", file=sys.stderr)
        return 1
    if report.missed and not arguments.json:
        print(f"bars missed: {', '.join(report.missed)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
