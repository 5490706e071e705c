"""Who of a group reads which lane of the embedded log: leases, shared out evenly, fenced by tokens."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from math import ceil

from service_runtime.event_log.port import MemberFencedError, TopicLane
from service_runtime.event_log.sqlite_file import LANES, now_ms
from service_runtime.event_log.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Member:
    """One subscription of a group. `token` is its own; `prefix` is the installation's."""

    group: str
    name: str
    token: str
    lease_ms: int
    prefix: str


@dataclass(frozen=True, slots=True)
class _Lane:
    lane: TopicLane
    next_offset: int
    owner: str | None
    token: str | None
    lease_until: int


def topics_version(connection: sqlite3.Connection) -> tuple[int, int]:
    """Differs after a topic was made or deleted."""
    count, latest = connection.execute("SELECT count(*), coalesce(max(id), 0) FROM topics").fetchone()
    return count, latest


def join(connection: sqlite3.Connection, me: Member) -> None:
    """Become the member of this name; one that had the name before is fenced from now on."""
    until = now_ms(connection) + me.lease_ms
    connection.execute(
        'INSERT INTO members ("group", member, token, lease_until) VALUES (?, ?, ?, ?) '
        'ON CONFLICT ("group", member) '
        "DO UPDATE SET token = excluded.token, lease_until = excluded.lease_until",
        (me.group, me.name, me.token, until),
    )


def share_out(
    connection: sqlite3.Connection, me: Member, wanted: Wanted, busy: Collection[TopicLane]
) -> tuple[dict[TopicLane, int], tuple[int, int]]:
    """Renew what this member holds, take what is free, give up what is too much. Answers its lanes with their
    positions, and the version of the topics that this rests on.

    Nobody holds more than lanes / members, rounded up. `busy` lanes hold records in hand and are not given
    up yet. Raises MemberFencedError where another has taken the member's name."""
    now = now_ms(connection)
    until = now + me.lease_ms
    renewed = connection.execute(
        'UPDATE members SET lease_until = ? WHERE "group" = ? AND member = ? AND token = ?',
        (until, me.group, me.name, me.token),
    )
    if renewed.rowcount == 0:
        raise MemberFencedError
    lanes = _lanes(connection, me, wanted)
    share = ceil(len(lanes) / _members(connection, me.group, now))
    mine = [each for each in lanes if each.owner == me.name]
    free = [
        each for each in lanes if each.owner is None or (each.owner != me.name and each.lease_until <= now)
    ]
    given_up = [each for each in mine if each.lane not in busy][: max(0, len(mine) - share)]
    held = [each for each in mine if each not in given_up] + free[: max(0, share - len(mine))]
    _write(connection, me, given_up, None, None, 0)
    _write(connection, me, held, me.name, me.token, until)
    return {each.lane: each.next_offset for each in held}, topics_version(connection)


def commit(connection: sqlite3.Connection, me: Member, positions: Collection[tuple[TopicLane, int]]) -> None:
    """Note the positions of the lanes that are still this member's, and renew their leases."""
    until = now_ms(connection) + me.lease_ms
    connection.executemany(
        "UPDATE positions SET next_offset = ?, lease_until = ? "
        'WHERE "group" = ? AND topic = ? AND lane = ? AND token = ?',
        [(at, until, me.group, me.prefix + lane.topic, lane.lane, me.token) for lane, at in positions],
    )


def leave(connection: sqlite3.Connection, me: Member) -> None:
    """Give everything up at once."""
    connection.execute(
        'UPDATE positions SET owner = NULL, token = NULL, lease_until = 0 WHERE "group" = ? AND token = ?',
        (me.group, me.token),
    )
    connection.execute('DELETE FROM members WHERE "group" = ? AND token = ?', (me.group, me.token))


def _lanes(connection: sqlite3.Connection, me: Member, wanted: Wanted) -> list[_Lane]:
    """All lanes of the wanted topics; those that the group never read get a position at the beginning."""
    skip = len(me.prefix)
    names = [name for (name,) in connection.execute("SELECT name FROM topics ORDER BY id")]
    topics = {name for name in names if name.startswith(me.prefix) and wanted.includes(name[skip:])}
    known = _known(connection, me)
    new = topics - {each.lane.topic for each in known}
    rows = [(me.group, name, lane) for name in sorted(new) for lane in range(LANES)]
    connection.executemany(
        'INSERT INTO positions ("group", topic, lane, next_offset, lease_until) VALUES (?, ?, ?, 0, 0)', rows
    )
    everything = _known(connection, me) if new else known
    return [
        _Lane(
            TopicLane(each.lane.topic[skip:], each.lane.lane),
            each.next_offset,
            each.owner,
            each.token,
            each.lease_until,
        )
        for each in everything
        if each.lane.topic in topics
    ]


def _known(connection: sqlite3.Connection, me: Member) -> list[_Lane]:
    rows = connection.execute(
        "SELECT topic, lane, next_offset, owner, token, lease_until FROM positions "
        'WHERE "group" = ? ORDER BY topic, lane',
        (me.group,),
    )
    return [_Lane(TopicLane(topic, lane), *rest) for topic, lane, *rest in rows]


def _members(connection: sqlite3.Connection, group: str, now: int) -> int:
    sql = 'SELECT count(*) FROM members WHERE "group" = ? AND lease_until > ?'
    return int(connection.execute(sql, (group, now)).fetchone()[0])


def _write(
    connection: sqlite3.Connection,
    me: Member,
    lanes: Collection[_Lane],
    owner: str | None,
    token: str | None,
    until: int,
) -> None:
    connection.executemany(
        "UPDATE positions SET owner = ?, token = ?, lease_until = ? "
        'WHERE "group" = ? AND topic = ? AND lane = ?',
        [(owner, token, until, me.group, me.prefix + each.lane.topic, each.lane.lane) for each in lanes],
    )
