"""The embedded event log: one SQLite file for all services of a machine, with the guarantees of the port."""

import re
import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import orjson

from service_runtime.event_log.port import (
    Message,
    Subscription,
    TopicLane,
    TopicMissingError,
    TopicSettings,
)
from service_runtime.event_log.sqlite_file import LANES, LogFile, now_ms
from service_runtime.event_log.sqlite_lanes import Member
from service_runtime.event_log.sqlite_subscription import SqliteSubscription
from service_runtime.event_log.wanted import Wanted
from service_runtime.ids import new_id

RETENTION_DAYS = 14
_DAY_MS = 24 * 60 * 60 * 1000
_LEGAL_NAME = re.compile(r"[a-zA-Z0-9._-]{1,249}")  # as Kafka has it


class SqliteEventLog:
    """Durable when `publish` answers: one transaction a call at most, synced to disk."""

    def __init__(self, path: Path, *, topic_prefix: str = "", lease_seconds: float = 10.0) -> None:
        self._file = LogFile(path)
        self._prefix = topic_prefix
        self._lease_ms = int(lease_seconds * 1000)
        self._subscriptions: list[SqliteSubscription] = []

    async def ensure_topics(self, topics: Iterable[str]) -> None:
        names = [self._prefix + topic for topic in topics]
        if illegal := [name for name in names if not _LEGAL_NAME.fullmatch(name)]:
            raise ValueError(f"not a topic's name: {illegal[0]}")
        await self._file.write(lambda connection: _make_topics(connection, names))
        for subscription in self._subscriptions:
            subscription.members_changed()

    async def missing(self, topics: Iterable[str]) -> Sequence[TopicSettings]:
        there = set(await self.topics())
        return [
            TopicSettings(topic, LANES, RETENTION_DAYS * _DAY_MS) for topic in sorted(set(topics) - there)
        ]

    async def publish(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        try:
            answers = await self._file.write(lambda connection: _insert(connection, self._prefix, messages))
        except sqlite3.Error as error:
            return [error] * len(messages)
        topics = {message.topic for message in messages}
        for subscription in self._subscriptions:
            subscription.published(topics)
        return answers

    async def subscribe(
        self, group: str, member: str, *, topics: Sequence[str] = (), prefixes: Sequence[str] = ()
    ) -> Subscription:
        me = Member(self._prefix + group, member, new_id(), self._lease_ms, self._prefix)
        subscription = SqliteSubscription(self._file, me, Wanted.of(topics, prefixes), self._left)
        await subscription.join()
        self._subscriptions.append(subscription)
        self._members_changed(subscription)
        return subscription

    async def topics(self) -> Sequence[str]:
        names = await self._file.read(
            lambda connection: connection.execute("SELECT name FROM topics ORDER BY name").fetchall()
        )
        return [name[len(self._prefix) :] for (name,) in names if name.startswith(self._prefix)]

    async def lag(self, group: str) -> Mapping[TopicLane, int]:
        rows = await self._file.read(lambda connection: _lag(connection, self._prefix + group))
        return {TopicLane(topic[len(self._prefix) :], lane): behind for topic, lane, behind in rows}

    async def close(self) -> None:
        await self._file.close()

    def _left(self, subscription: SqliteSubscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
            self._members_changed(subscription)

    def _members_changed(self, of: SqliteSubscription) -> None:
        for other in self._subscriptions:
            if other is not of and other.group == of.group:
                other.members_changed()


def _make_topics(connection: sqlite3.Connection, names: Sequence[str]) -> None:
    connection.executemany("INSERT OR IGNORE INTO topics (name) VALUES (?)", [(name,) for name in names])


def _insert(
    connection: sqlite3.Connection, prefix: str, messages: Sequence[Message]
) -> list[Exception | None]:
    at = now_ms(connection)
    _forget(connection, at - RETENTION_DAYS * _DAY_MS)
    wanted = {message.topic for message in messages}
    exists = "SELECT EXISTS (SELECT 1 FROM topics WHERE name = ?)"
    missing = {topic for topic in wanted if not connection.execute(exists, (prefix + topic,)).fetchone()[0]}
    connection.executemany(
        'INSERT INTO records (topic, lane, "key", headers, value, at) VALUES (?, ?, ?, ?, ?, ?)',
        [
            (prefix + each.topic, _lane(each.key), each.key, orjson.dumps(dict(each.headers)), each.value, at)
            for each in messages
            if each.topic not in missing
        ],
    )
    return [TopicMissingError() if message.topic in missing else None for message in messages]


def _lane(key: str) -> int:
    return zlib.crc32(key.encode()) % LANES


def _forget(connection: sqlite3.Connection, before: int) -> None:
    """Delete records from before this time, a thousand at a time; offsets are never given again."""
    oldest = connection.execute('SELECT at FROM records ORDER BY "offset" LIMIT 1').fetchone()
    if oldest is not None and oldest[0] < before:
        first = 'SELECT "offset" FROM records ORDER BY "offset" LIMIT 1000'
        connection.execute(f'DELETE FROM records WHERE "offset" IN ({first}) AND at < ?', (before,))  # noqa: S608  constant


def _lag(connection: sqlite3.Connection, group: str) -> list[tuple[str, int, int]]:
    return connection.execute(
        "SELECT p.topic, p.lane, (SELECT count(*) FROM records r "
        'WHERE r.topic = p.topic AND r.lane = p.lane AND r."offset" >= p.next_offset) '
        'FROM positions p WHERE p."group" = ?',
        (group,),
    ).fetchall()
