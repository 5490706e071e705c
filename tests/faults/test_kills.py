"""INVARIANT: every acknowledged referral ends as exactly one terminal Task A, whichever role is killed -9.

What would break it: an acknowledgement before the commit, an event published outside of the outbox or marked
before the log had it, an offset committed before the transaction, a delivery closed without its answer, a
lease without a token.
"""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from lahetti.composition.processes import ROLES as ROLES_BY_SERVICE
from lahetti.simulators.facts import NeverCameTrueError, until_answered
from support.faults_kills import kill_and_mend
from support.faults_system import FaultSystem, fault_system

pytestmark = [pytest.mark.engines, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module")]

KILLS = 5
ROLES = [
    ("gateway", "api"), ("gateway", "consumer"), ("gateway", "relay"),
    ("notifier", "api"), ("notifier", "consumer"), ("notifier", "dispatcher"), ("notifier", "relay"),
    ("collector", "api"), ("collector", "consumer"), ("collector", "dispatcher"), ("collector", "relay"),
]  # fmt: skip


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FaultSystem]:
    async with fault_system(tmp_path_factory.mktemp("kills")) as running:
        yield running


@pytest.mark.parametrize(("service", "role"), ROLES, ids=[" ".join(each) for each in ROLES])
async def test_a_role_killed_with_work_in_flight_loses_nothing(
    system: FaultSystem, service: str, role: str, seed: str, tell: Callable[[str], None]
) -> None:
    for number in range(1, KILLS + 1):
        name = f"{seed} {service} {role} {number}"
        killed = await kill_and_mend(system, service, role, name)
        tell(f"killed {service} {role} {number}/{KILLS}: {killed}")


async def test_the_ledger_agrees_with_what_was_acknowledged(
    system: FaultSystem, tell: Callable[[str], None]
) -> None:
    assert system.flow.sent, "nothing was posted: run the kills before"
    await _until_nothing_is_left(system)
    await system.flow.ask_again()
    records = await system.world.read_topics()
    for line in system.ledger.summary(records):
        tell(line)
    tell(f"requests repeated by the counterparts: {dict(system.traffic.repeated)}")
    faults = [*system.ledger.faults(records), *system.traffic.faults]
    assert not faults, "\n".join([*faults, await system.known_of_faults()])
    assert await system.observer.number("SELECT count(*) FROM gateway.referrals") == len(system.flow.sent)
    assert (await system.world.operator.read("gateway/cases")).body["cases"] == []
    assert [record for record in records if "dead" in record.topic] == []


async def _until_nothing_is_left(system: FaultSystem) -> None:
    async def done() -> bool:
        return not await _left(system)

    try:
        await until_answered("all loops have nothing left to do", done)
    except NeverCameTrueError:
        unclosed = await system.observer.texts("SELECT id FROM gateway.referrals WHERE closed_at IS NULL")
        pytest.fail(f"left: {await _left(system)}\n{await system.known_of(unclosed)}")


async def _left(system: FaultSystem) -> dict[str, int]:
    """What the loops still have to do, by name; empty when all is done."""
    look, left = system.observer, dict[str, int]()
    for service in ROLES_BY_SERVICE:
        left[f"{service} unpublished"] = await look.unpublished(service)
        ends = await look.ends(await look.lanes(service))
        left[f"{service} not committed"] = await look.uncommitted(service, ends)
    for name, rows in (
        ("deliveries", "notifier.deliveries WHERE ended_at"),
        ("write-backs", "collector.write_backs WHERE ended_at"),
        ("referrals not closed", "gateway.referrals WHERE closed_at"),
    ):
        left[name] = await look.number(f"SELECT count(*) FROM {rows} IS NULL")
    return {name: count for name, count in left.items() if count}
