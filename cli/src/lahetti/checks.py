"""Looks at everything that an installation needs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson
from service_runtime.database.engine import Database
from service_runtime.event_log.opening import open_event_log
from service_runtime.redis_port import open_redis

from lahetti.composition.blueprint import SCHEMAS
from lahetti.operator_api import OperatorApi
from lahetti.state import Whereabouts

CHECK_SECONDS = 6.0

REMEDIES = {
    "process": "start it again with `lahetti up`, or read its log in the state folder's logs",
    "key file": "it is made at the start: stop the installation and start it again",
    "database": "start it (`make parts-up` where it is this clone's own), then wait a moment",
    "event log": "start it (`make parts-up` where it is this clone's own); referrals wait in the outbox",
    "topics": "create them with these settings; what is for them waits in the outbox until they are there",
    "redis": "start it (`make parts-up` where it is this clone's own); until then limits are not kept",
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    problem: str = ""
    remedy: str = ""


async def look(whereabouts: Whereabouts) -> list[Finding]:
    """One finding for each thing, in no time longer than the slowest takes."""
    checks: list[tuple[str, str, Callable[[], Awaitable[None]]]] = [
        ("key file", "key file", lambda: _key_file(whereabouts)),
        ("event log", "event log", lambda: _event_log(whereabouts)),
        ("redis", "redis", lambda: _redis(whereabouts)),
        ("topics", "topics", lambda: _topics(whereabouts)),
    ]
    for service, url in whereabouts.database_urls.items():
        checks.append(("database", f"database of {service}", _database_check(service, url)))
    for process, probe in whereabouts.probes.items():
        checks.append(("process", f"process {process}", _probe_check(probe)))
    return list(await asyncio.gather(*(_finding(kind, what, check) for kind, what, check in checks)))


async def _finding(kind: str, what: str, check: Callable[[], Awaitable[None]]) -> Finding:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except TimeoutError:
        return Finding(what, ok=False, problem="no answer in time", remedy=REMEDIES[kind])
    except _NotWellError as error:
        return Finding(what, ok=False, problem=str(error), remedy=REMEDIES[kind])
    except Exception as error:  # noqa: BLE001 - any failure of a check is what we were asked to find
        problem = f"cannot be reached ({type(error).__name__})"
        return Finding(what, ok=False, problem=problem, remedy=REMEDIES[kind])
    return Finding(what, ok=True)


class _NotWellError(Exception):
    """It answers, and says that it is not well."""


async def _key_file(whereabouts: Whereabouts) -> None:
    _must_exist(Path(whereabouts.key_file))


def _must_exist(path: Path) -> None:
    if not path.is_file():
        raise _NotWellError(f"{path} is missing")


async def _event_log(whereabouts: Whereabouts) -> None:
    log = open_event_log(
        whereabouts.event_log_url, topic_prefix=whereabouts.topic_prefix, client_id="lahetti-doctor"
    )
    try:
        await log.topics()
    finally:
        await log.close()


async def _topics(whereabouts: Whereabouts) -> None:
    """Those that somebody else has to make: what the platform makes itself, it makes when it needs it."""
    async with OperatorApi(whereabouts) as api:
        told = await api.get("gateway/topics")
    if told["managed"] == "external" and told["missing"]:
        lacking = [
            f"{whereabouts.topic_prefix}{one['topic']} (partitions {one['lanes']},"
            f" retention.ms {one['retention_ms']})"
            for one in told["missing"]
        ]
        raise _NotWellError(f"missing: {', '.join(lacking)}")


async def _redis(whereabouts: Whereabouts) -> None:
    redis = open_redis(whereabouts.redis_url)
    try:
        await redis.ping()
    finally:
        await redis.aclose()


def _database_check(service: str, url: str) -> Callable[[], Awaitable[None]]:
    async def check() -> None:
        if url.startswith("sqlite:"):
            _must_exist(Path(url.removeprefix("sqlite:///")))
        database = Database.open(url, schema=SCHEMAS[service], pool_size=1)
        try:
            await database.ping()
        finally:
            await database.close()

    return check


def _probe_check(probe: str) -> Callable[[], Awaitable[None]]:
    async def check() -> None:
        async with aiohttp.ClientSession(trust_env=False) as session, session.get(probe) as answer:
            parts: Mapping[str, str] = orjson.loads(await answer.read()).get("parts", {})
        unwell = [f"{name}: {told}" for name, told in parts.items() if told != "ok"]
        if answer.status != 200 or unwell:
            raise _NotWellError(", ".join(unwell) or f"/readyz answers {answer.status}")

    return check
