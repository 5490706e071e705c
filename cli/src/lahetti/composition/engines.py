"""Where Apache Kafka, PostgreSQL and Redis of this clone are, and room on them for one installation."""

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from service_runtime.event_log.kafka_sockets import DIRECT

from lahetti.refusals import ENVIRONMENT_MISSING, Refused

KAFKA, POSTGRES, REDIS = "LAHETTI_TEST_KAFKA", "LAHETTI_TEST_POSTGRES", "LAHETTI_TEST_REDIS"
WRITTEN_BY_PARTS = Path(".run/parts.env")


@dataclass(frozen=True)
class Engines:
    """The addresses: Kafka as host:port, PostgreSQL as an administrator's URL, Redis as a URL."""

    kafka: str
    postgres: str
    redis: str


@dataclass(frozen=True)
class Room:
    """What one installation uses of them: a database and a topic prefix of its own."""

    database_url: str
    event_log_url: str
    redis_url: str
    topic_prefix: str


def engines() -> Engines:
    """From the environment, else from what `scripts/parts up` wrote. Raises Refused (environment missing)."""
    found = _from_file(WRITTEN_BY_PARTS) | {
        name: os.environ[name] for name in (KAFKA, POSTGRES, REDIS) if name in os.environ
    }
    missing = [name for name in (KAFKA, POSTGRES, REDIS) if not found.get(name)]
    if missing:
        raise Refused(
            f"{', '.join(missing)}: not known; start the engines with `make parts-up`",
            exit_code=ENVIRONMENT_MISSING,
        )
    return Engines(found[KAFKA], found[POSTGRES], found[REDIS])


@asynccontextmanager
async def room(engines: Engines) -> AsyncGenerator[Room]:
    """A database and a topic prefix that nobody else has; both are removed at the end."""
    name = f"lahetti_{secrets.token_hex(5)}"
    prefix = f"{name.replace('_', '-')}."
    await _administer(engines.postgres, f'CREATE DATABASE "{name}"')
    try:
        yield Room(
            database_url=urlunsplit(urlsplit(engines.postgres)._replace(path=f"/{name}")),
            event_log_url=f"kafka://{engines.kafka}",
            redis_url=engines.redis,
            topic_prefix=prefix,
        )
    finally:
        await asyncio.to_thread(_delete_topics, engines.kafka, prefix)
        await _administer(engines.postgres, f'DROP DATABASE "{name}" WITH (FORCE)')


def _from_file(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)


async def _administer(url: str, statement: str) -> None:
    try:
        connection = await asyncpg.connect(url)
    except (OSError, asyncpg.PostgresError):
        raise Refused(
            f"PostgreSQL at {urlsplit(url).hostname}:{urlsplit(url).port} does not answer: `make parts-up`",
            exit_code=ENVIRONMENT_MISSING,
        ) from None
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _delete_topics(servers: str, prefix: str) -> None:
    try:
        admin = KafkaAdminClient(bootstrap_servers=servers, proxy_url=DIRECT)  # pyright: ignore[reportCallIssue]  # its stubs are of version 2
        mine = [topic for topic in admin.list_topics() if topic.startswith(prefix)]
        if mine:
            admin.delete_topics(mine)
        admin.close()
    except KafkaError:
        # The broker has gone: so have its topics, or whoever starts it again removes them.
        return
