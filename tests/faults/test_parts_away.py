"""Redis is stopped from the beginning, a provider's topic is deleted, PostgreSQL stops and freezes: the loop
closes all the same, and the probes tell the truth meanwhile."""

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from kafka.admin import KafkaAdminClient
from lahetti.composition.blueprint import COLLECTOR, GATEWAY, NOTIFIER
from lahetti.composition.engines import Engines, engines
from lahetti.composition.processes import RoleProcess, until_ready
from lahetti.demo.case_run import CaseRun
from lahetti.demo.cases import CASES
from lahetti.demo.play import play
from lahetti.simulators.facts import NeverCameTrueError, until, until_answered
from referral_contracts.topics import tasks_topic
from service_runtime.event_log.kafka_sockets import DIRECT
from support.faults_flow import Sent
from support.faults_ledger import Told, told_by_referral
from support.faults_postgres import PrivatePostgres, private_postgres
from support.faults_system import FaultSystem, fault_system

pytestmark = [pytest.mark.engines, pytest.mark.asyncio(loop_scope="module")]

TOLD_WITHIN_SECONDS = 5.0
OVERDUE_SECONDS = 3
FEW_PROCESSES = {
    GATEWAY: [["api", "consumer", "relay"]],
    NOTIFIER: [["consumer"], ["api", "dispatcher", "relay"]],
    COLLECTOR: [["api", "consumer", "dispatcher", "relay"]],
}


@pytest.fixture(scope="module")
def postgres() -> Iterator[PrivatePostgres]:
    with private_postgres() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def closed_port() -> Iterator[int]:
    """A port of ours at which every connection is refused."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def system(
    postgres: PrivatePostgres, closed_port: int, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FaultSystem]:
    def parts() -> Engines:
        return replace(engines(), postgres=postgres.url, redis=f"redis://127.0.0.1:{closed_port}/0")

    async with fault_system(
        tmp_path_factory.mktemp("away"),
        split=FEW_PROCESSES,
        parts=parts,
        sweep_seconds=0.5,
        delivery_overdue_seconds=OVERDUE_SECONDS,
    ) as running:
        yield running


async def test_every_case_ends_as_it_should_while_redis_is_stopped(system: FaultSystem) -> None:
    runs = [CaseRun(case.name, case.channel) for case in CASES]
    await play(CASES, system.world, lambda _: None, runs)
    wrong = [run for run in runs if not run.ok]
    told = [f"{run.name}: {run.problem}" for run in wrong]
    assert not wrong, "\n".join([*told, await system.known_of([run.referral or "" for run in wrong])])
    system.ledger.begin()


async def test_a_topic_deleted_between_publish_and_consume_strands_nobody(
    system: FaultSystem, seed: str, tell: Callable[[str], None]
) -> None:
    consumer, topic = system.role(NOTIFIER, "consumer"), system.room.topic_prefix + tasks_topic("kotka")
    flow, name, rng = system.flow, f"{seed} topic deleted", random.Random(seed)
    # The group has read this topic: its position must not be taken for one in the topic that comes after.
    await _mended(system, *flow.burst(3, rng, name, places=["285"], endings=["completed"]))
    flow.may_revoke.clear()
    revoked, revoking = flow.burst(2, rng, name, places=["285"], endings=["revoked when accepted"])
    await until("the provider has accepted", lambda: all(_accepted(system, sent) for sent in revoked))
    lanes = [lane for lane in await system.observer.lanes(NOTIFIER) if lane.topic == topic]
    before = sum((await system.observer.ends(lanes)).values())
    await _end(consumer)
    try:
        flow.may_revoke.set()
        batch, playing = flow.burst(6, rng, name, places=["285"], endings=["completed"])

        async def published() -> bool:
            return sum((await system.observer.ends(lanes)).values()) == before + len(batch) + len(revoked)

        await until_answered("all events are in the topic", published)
        events = {told.id for told in await _told(system, [*batch, *revoked])}
        await asyncio.to_thread(_delete, topic)
        deleted = time.monotonic()
    finally:
        consumer.start()
    await until_ready(consumer)
    await _mended(system, [*batch, *revoked], asyncio.gather(playing, revoking))
    taken = [line for line in system.world.providers["kotka"].ledger if line.webhook_id in events]
    assert {line.webhook_id for line in taken} == events, "the events of the deleted topic, under their ids"
    tell(
        f"topic deleted with {len(batch)} requests and {len(revoked)} cancellations in it: mended in"
        f" {time.monotonic() - deleted:.1f} s, {len(taken)} raw webhooks for {len(events)} events"
    )


@pytest.mark.parametrize("fault", ["stopped", "frozen"])
async def test_the_probes_tell_that_postgresql_is_away_and_all_recovers_unaided(
    fault: str, system: FaultSystem, postgres: PrivatePostgres, seed: str, tell: Callable[[str], None]
) -> None:
    pids = [role.process.pid for role in system.running.roles if role.process]
    away, back = {
        "stopped": (postgres.stop, postgres.start),
        "frozen": (postgres.freeze, postgres.thaw),
    }[fault]
    began = time.monotonic()
    away()
    try:
        await _until_told(system.running.roles, 503)
        told_after = time.monotonic() - began
        assert told_after < TOLD_WITHIN_SECONDS, f"not ready only after {told_after:.1f} s"
        assert await _statuses(system.running.roles, "livez") == [200] * len(pids)
        before = system.traffic.answered["gateway"]
        batch, playing = system.flow.burst(6, random.Random(f"{seed} {fault}"), f"{seed} PostgreSQL {fault}")

        def posted() -> bool:
            # Some wait for a connection, others were told 503 at once and try again.
            answered = system.traffic.answered["gateway"] - before
            return system.traffic.open("gateway") + answered >= len(batch)

        await until("referrals have been posted", posted)
    finally:
        back()
    began = time.monotonic()
    await _until_told(system.running.roles, 200)
    ready_after = time.monotonic() - began
    await _mended(system, batch, playing)
    assert [role.process.pid for role in system.running.roles if role.process] == pids
    tell(
        f"PostgreSQL {fault}: /readyz 503 after {told_after:.1f} s, /livez 200; ready again after"
        f" {ready_after:.1f} s, {len(batch)} referrals posted meanwhile ended after"
        f" {time.monotonic() - began:.1f} s"
    )


async def test_the_ledger_agrees_with_what_was_acknowledged(
    system: FaultSystem, tell: Callable[[str], None]
) -> None:
    await system.flow.ask_again()

    async def agrees() -> bool:
        return not system.ledger.faults(await system.world.read_topics())

    try:
        # The reader, too, has to notice that a topic that it has read was made again.
        await until_answered("the ledger agrees", agrees)
    except NeverCameTrueError:
        pytest.fail("\n".join(system.ledger.faults(await system.world.read_topics())))
    summary = system.ledger.summary(await system.world.read_topics())
    tell(f"parts away: {'; '.join(summary[:3])}")
    assert system.traffic.faults == []


def _accepted(system: FaultSystem, sent: Sent) -> bool:
    task = system.world.providers[sent.provider].task_for(sent.referral.id)
    return task is not None and task.status == "accepted"


async def _mended(system: FaultSystem, batch: Sequence[Sent], playing: asyncio.Future[Any]) -> None:
    async def complete() -> bool:
        return not system.ledger.unfinished(batch) and system.ledger.untold() == 0

    try:
        await asyncio.wait_for(playing, 30)
        await until_answered("the ledger is complete", complete)
    except (TimeoutError, NeverCameTrueError) as error:
        raise AssertionError(f"{error}\n{await system.known_of_faults()}") from error


async def _told(system: FaultSystem, batch: Sequence[Sent]) -> list[Told]:
    told = told_by_referral(await system.world.read_topics())
    return [event for sent in batch for event in told[sent.referral.id]]


async def _end(role: RoleProcess) -> None:
    assert role.process is not None
    role.process.terminate()
    await asyncio.to_thread(role.process.wait, 30)


def _delete(topic: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=engines().kafka, proxy_url=DIRECT)
    try:
        admin.delete_topics([topic])
    finally:
        admin.close()


async def _until_told(roles: Sequence[RoleProcess], status: int) -> None:
    async def told() -> bool:
        return await _statuses(roles, "readyz") == [status] * len(roles)

    await until_answered(f"every process answers {status} at /readyz", told)


async def _statuses(roles: Sequence[RoleProcess], probe: str) -> list[int]:
    async def status(session: aiohttp.ClientSession, role: RoleProcess) -> int:
        async with session.get(role.probe.replace("readyz", probe)) as answer:
            return answer.status

    async with aiohttp.ClientSession(trust_env=False, timeout=aiohttp.ClientTimeout(total=10)) as session:
        return list(await asyncio.gather(*(status(session, role) for role in roles)))
