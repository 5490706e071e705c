"""One member of a consumer group on the embedded log."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import orjson

from service_runtime.event_log import sqlite_lanes
from service_runtime.event_log.port import Record, TopicLane
from service_runtime.event_log.sqlite_file import LogFile
from service_runtime.event_log.sqlite_lanes import Member, topics_version
from service_runtime.event_log.wanted import Wanted

# Another process may write to the file; only this one's publications wake us at once.
_LOOK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one look at the file brought. `unread` may hold more: those that were not looked at come first."""

    topics: tuple[int, int]
    newest: int
    records: Sequence[Record]
    unread: list[TopicLane]


class SqliteSubscription:
    """Leases are renewed by polls and commits, so that a member that hangs loses its lanes."""

    def __init__(
        self, file: LogFile, me: Member, wanted: Wanted, left: Callable[["SqliteSubscription"], None]
    ) -> None:
        self._file = file
        self._left = left
        self._me = me
        self._wanted = wanted
        self._wake = asyncio.Event()
        self._next: dict[TopicLane, int] = {}
        self._committed: dict[TopicLane, int] = {}
        self._paused: set[TopicLane] = set()
        self._unread: list[TopicLane] = []
        self._newest = 0
        self._topics = (-1, -1)
        self._renew_at = 0.0

    @property
    def group(self) -> str:
        return self._me.group

    def published(self, topics: set[str]) -> None:
        """Look at once, if one of these topics is ours."""
        if any(map(self._wanted.includes, topics)):
            self._wake.set()

    def members_changed(self) -> None:
        """Share the lanes out anew at once."""
        self._renew_at = 0.0
        self._wake.set()

    async def join(self) -> None:
        """Take the member's name in its group."""
        await self._file.write(lambda connection: sqlite_lanes.join(connection, self._me))

    async def poll(self, timeout: float, limit: int = 200) -> Sequence[Record]:
        until = time.monotonic() + timeout
        while True:
            self._wake.clear()
            if time.monotonic() >= self._renew_at:
                await self._share_out()
            if records := await self._read(limit):
                return records
            left = min(until, self._renew_at) - time.monotonic()
            if time.monotonic() >= until:
                return []
            await self._wait(min(left, _LOOK_AGAIN_SECONDS))

    async def commit(self, positions: Mapping[TopicLane, int]) -> None:
        owned = [(lane, at) for lane, at in positions.items() if lane in self._next]
        await self._file.write(lambda connection: sqlite_lanes.commit(connection, self._me, owned))
        self._committed.update(owned)

    async def seek(self, lane: TopicLane, offset: int) -> None:
        if lane in self._next:
            self._next[lane] = offset
            if lane not in self._unread:
                self._unread.append(lane)

    async def pause(self, lane: TopicLane) -> None:
        if lane in self._next:
            self._paused.add(lane)

    async def resume(self, lane: TopicLane) -> None:
        self._paused.discard(lane)

    async def close(self) -> None:
        self._next.clear()
        await self._file.write(lambda connection: sqlite_lanes.leave(connection, self._me))
        self._left(self)

    async def _share_out(self) -> None:
        busy = {lane for lane, at in self._next.items() if at != self._committed.get(lane)}
        lanes, self._topics = await self._file.write(
            lambda connection: sqlite_lanes.share_out(connection, self._me, self._wanted, busy)
        )
        for lane in self._next.keys() - lanes.keys():
            del self._next[lane]
            self._paused.discard(lane)
        for lane in lanes.keys() - self._next.keys():
            self._next[lane] = self._committed[lane] = lanes[lane]
            self._unread.append(lane)
        self._unread = [lane for lane in self._unread if lane in self._next]
        self._renew_at = time.monotonic() + self._me.lease_ms / 3000

    async def _read(self, limit: int) -> Sequence[Record]:
        seen = await self._file.read(self._look(limit))
        self._newest, self._unread = seen.newest, seen.unread
        if seen.topics != self._topics:
            self.members_changed()
        for record in seen.records:
            self._next[record.topic_lane] = record.offset + 1
        return seen.records

    def _look(self, limit: int) -> Callable[[sqlite3.Connection], _Seen]:
        paused = [lane for lane in self._unread if lane in self._paused]
        ready = {lane: self._next[lane] for lane in self._unread if lane not in self._paused}
        return partial(_look, self._me.prefix, self._newest, ready, paused, self._next, limit)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass


def _look(
    prefix: str,
    newest: int,
    ready: Mapping[TopicLane, int],
    paused: Sequence[TopicLane],
    owned: Mapping[TopicLane, int],
    limit: int,
    connection: sqlite3.Connection,
) -> _Seen:
    """Read the lanes that are ready or got records since `newest`, each from its position.

    The single writer makes offsets follow the order of commits, so nothing appears behind `newest` later."""
    latest = connection.execute('SELECT coalesce(max("offset"), 0) FROM records').fetchone()[0]
    fresh = _lanes_since(connection, prefix, newest) if latest > newest else []
    lanes = dict(ready) | {lane: owned[lane] for lane in fresh if lane in owned and lane not in paused}
    records, untouched, unfinished = list[Record](), list[TopicLane](), list[TopicLane]()
    for lane, offset in lanes.items():
        room = limit - len(records)
        if room == 0:
            untouched.append(lane)
            continue
        got = _records(connection, prefix, lane, offset, room)
        records += got
        if len(got) == room:
            unfinished.append(lane)
    return _Seen(topics_version(connection), latest, records, [*untouched, *unfinished, *paused])


def _lanes_since(connection: sqlite3.Connection, prefix: str, newest: int) -> list[TopicLane]:
    rows = connection.execute('SELECT DISTINCT topic, lane FROM records WHERE "offset" > ?', (newest,))
    return [TopicLane(topic[len(prefix) :], lane) for topic, lane in rows if topic.startswith(prefix)]


def _records(
    connection: sqlite3.Connection, prefix: str, lane: TopicLane, offset: int, limit: int
) -> list[Record]:
    sql = (
        'SELECT "offset", "key", headers, value FROM records '
        'WHERE topic = ? AND lane = ? AND "offset" >= ? ORDER BY "offset" LIMIT ?'
    )
    rows = connection.execute(sql, (prefix + lane.topic, lane.lane, offset, limit))
    return [
        Record(lane.topic, lane.lane, at, key, orjson.loads(headers), value)
        for at, key, headers, value in rows
    ]
