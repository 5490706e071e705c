"""The two event logs as the contract suite sees them: opened as by any process, hurt from outside."""

import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from queue import Queue
from subprocess import PIPE, Popen
from threading import Thread
from time import monotonic, time
from typing import Any, Protocol

import pytest
from kafka import KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.admin import KafkaAdminClient
from service_runtime.event_log.kafka_sockets import DIRECT
from service_runtime.event_log.opening import open_event_log
from service_runtime.event_log.port import EventLog, Message, Record, Subscription
from service_runtime.ids import new_id

SESSION_SECONDS = 1.5
DEADLINE_SECONDS = 30.0


class Log(Protocol):
    """One installation's log, under a prefix of its own."""

    url: str
    prefix: str

    def delete_topic(self, topic: str) -> None:
        """As an operator would, past the product."""

    def foreign_record(self, topic: str) -> None:
        """A record that no event log of ours would write."""


class SqliteLog:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "events.db"
        self.url = f"sqlite:///{self.path}"
        self.prefix = "t."

    def delete_topic(self, topic: str) -> None:
        with sqlite3.connect(self.path) as file:
            for table, column in (("topics", "name"), ("records", "topic"), ("positions", "topic")):
                file.execute(f"DELETE FROM {table} WHERE {column} = ?", (self.prefix + topic,))

    def foreign_record(self, topic: str) -> None:
        row = (self.prefix + topic, 0, "", b"{}", b"", int(time() * 1000))
        with sqlite3.connect(self.path) as file:
            sql = 'INSERT INTO records (topic, lane, "key", headers, value, at) VALUES (?, ?, ?, ?, ?, ?)'
            file.execute(sql, row)


class KafkaLog:
    def __init__(self, servers: str) -> None:
        self.servers = servers
        self.url = f"kafka://{servers}"
        self.prefix = f"t{new_id()}."

    def delete_topic(self, topic: str) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self.servers, proxy_url=DIRECT)
        admin.delete_topics([self.prefix + topic])
        admin.close()

    def foreign_record(self, topic: str) -> None:
        producer = KafkaProducer(bootstrap_servers=self.servers, proxy_url=DIRECT)
        sent = producer.send(self.prefix + topic, key=None, value=b"\xff", headers=[("ce_id", b"\xff")])
        sent.get(10)
        producer.close()

    def commit(self, topic: str, *, offset: int, note: str, group: str) -> None:
        """A position for every lane, as some client left it."""
        admin = KafkaAdminClient(bootstrap_servers=self.servers, proxy_url=DIRECT)
        [found] = admin.describe_topics([self.prefix + topic])
        lanes = [TopicPartition(found["name"], each["partition_index"]) for each in found["partitions"]]
        position = OffsetAndMetadata(offset, note, -1)
        admin.alter_group_offsets(self.prefix + group, dict.fromkeys(lanes, position))
        admin.close()

    def delete_everything(self) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self.servers, proxy_url=DIRECT)
        if mine := [name for name in admin.list_topics() if name.startswith(self.prefix)]:
            admin.delete_topics(mine)
        admin.close()


def kafka_servers() -> str:
    """The broker that `python scripts/parts up` started; without one the test fails."""
    servers = os.environ.get("LAHETTI_TEST_KAFKA")
    if not servers:
        pytest.fail("LAHETTI_TEST_KAFKA is not set: python scripts/parts up; . .run/parts.env", pytrace=False)
    return servers


@asynccontextmanager
async def opened(log: Log, client_id: str = "test") -> AsyncIterator[EventLog]:
    """The log as a process has it."""
    event_log = open_event_log(
        log.url, topic_prefix=log.prefix, client_id=client_id, session_seconds=SESSION_SECONDS
    )
    try:
        yield event_log
    finally:
        await event_log.close()


def messages(topic: str, keys: Sequence[str], *, first: int = 0) -> list[Message]:
    """One message a key, in this order; the value is its number."""
    return [Message(topic, key, {"n": str(n)}, b"%d" % n) for n, key in enumerate(keys, first)]


async def read_until(
    subscription: Subscription,
    enough: Callable[[list[Record]], bool],
    *,
    commit: bool = True,
    poll_seconds: float = 0.2,
) -> list[Record]:
    """Poll, committing each poll unless told not to, until `enough`."""
    until, got = monotonic() + DEADLINE_SECONDS, list[Record]()
    while not enough(got):
        assert monotonic() < until, f"only {len(got)} records came: {[record.value for record in got][:50]}"
        records = await subscription.poll(poll_seconds)
        got += records
        if commit:
            await subscription.commit({record.topic_lane: record.offset + 1 for record in records})
    return got


def count(number: int) -> Callable[[list[Record]], bool]:
    """Enough when so many records came."""
    return lambda got: len(got) >= number


def values(records: Sequence[Record]) -> list[int]:
    return [int(record.value) for record in records]


def in_order_per_key(records: Sequence[Record]) -> bool:
    """Whether each key's numbers rise; repeats count where they came first."""
    firsts = list(dict.fromkeys((record.key, int(record.value)) for record in records))
    return all(
        numbers == sorted(numbers)
        for numbers in ([n for key, n in firsts if key == of] for of in {key for key, _ in firsts})
    )


class OtherProcess:
    """A member of a group in a process of its own, to be killed. What it read comes line by line."""

    def __init__(self, log: Log, group: str, member: str, topic: str, *, commit: bool) -> None:
        settings = {"url": log.url, "prefix": log.prefix, "group": group, "member": member}
        program = Path(__file__).with_name("log_member.py")
        self._process = Popen(
            [sys.executable, program, json.dumps(settings | {"topic": topic, "commit": commit})],
            stdout=PIPE,
            text=True,
        )
        self._lines: Queue[str] = Queue()
        self._reader = Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> "OtherProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def reads(self) -> Mapping[str, Any]:
        """The next record that it has polled (and committed, where it does)."""
        return json.loads(self._lines.get(timeout=DEADLINE_SECONDS))

    def has_read(self) -> list[Mapping[str, Any]]:
        """What it has read since it was last asked."""
        return [json.loads(self._lines.get()) for _ in range(self._lines.qsize())]

    def kill(self) -> None:
        """At once, without a word to the log."""
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(line)
