"""When it is worth to strike a role, and what to look at then: a moment for each kind of role."""

import asyncio
import random
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime

from kafka import TopicPartition
from lahetti.composition.blueprint import COLLECTOR, GATEWAY, NOTIFIER
from lahetti.composition.processes import RoleProcess
from lahetti.simulators.loopback import LoopbackServer
from support.faults_sights import Sight, ports_of
from support.faults_system import FaultSystem

BURST = 15
"""Referrals that are posted at once."""
MOST_BURSTS = 6
FREE_BURSTS = 3
"""Bursts in which the role runs free until it is struck. After those it is held until work waits for it, as
a machine may be too fast, or too slow, to show a moment that passes by itself."""
FULL_NAMES = {"gateway": GATEWAY, "notifier": NOTIFIER, "collector": COLLECTOR}

Look = Callable[[int], Awaitable[Sight]]
"""What the stopped process, by its pid, has in flight."""


class NotNowError(Exception):
    """The burst ended before there was a moment to strike."""


Moment = Callable[[asyncio.Task[None]], Awaitable[Look]]
"""Waits until it is worth to stop the role, and answers how to look at it then."""


def moments(
    system: FaultSystem, service: str, role: str, burst: int, rng: random.Random
) -> AbstractContextManager[Moment]:
    """`burst` counts from 1."""
    kinds = {"api": _of_api, "consumer": _of_consumer, "relay": _of_relay, "dispatcher": _of_dispatcher}
    return kinds[role](system, service, burst <= FREE_BURSTS, rng)


async def _promptly(play: asyncio.Task[None], look: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as `look` is true. Raises NotNowError when the burst ended before."""
    while not await look():
        if play.done():
            raise NotNowError
        await asyncio.sleep(0.001)


@contextmanager
def _of_api(system: FaultSystem, service: str, free: bool, rng: random.Random) -> Generator[Moment]:
    traffic, full = system.traffic, FULL_NAMES[service]
    asked = asyncio.create_task(_ask_for_traces(system)) if full == NOTIFIER else None

    async def moment(play: asyncio.Task[None]) -> Look:
        enough = traffic.answered[service] + (rng.randrange(BURST) if free else 0)

        async def worth() -> bool:
            return traffic.open(service) > 0 and traffic.answered[service] >= enough

        await _promptly(play, worth)
        return look

    async def look(pid: int) -> Sight:
        open_now = traffic.open(service)
        return Sight(
            {"requests open": open_now}, {"transactions open": await system.observer.transactions(pid)}
        )

    try:
        yield moment
    finally:
        if asked is not None:
            asked.cancel()


async def _ask_for_traces(system: FaultSystem) -> None:
    """The only traffic that the notifier's api has every day."""
    while True:
        known = [sent.referral.id for sent in system.flow.sent if sent.referral.id][-4:]
        await asyncio.gather(*(system.world.operator.read(f"notifier/trace/{one}") for one in known))
        await asyncio.sleep(0)


@contextmanager
def _of_consumer(system: FaultSystem, service: str, free: bool, rng: random.Random) -> Generator[Moment]:
    """Struck in the middle of its transaction, or just after it and before the offsets are committed."""
    observer, full = system.observer, FULL_NAMES[service]
    victim = system.role(full, "consumer")
    assert victim.process is not None
    ports = ports_of(victim.process.pid)

    async def moment(play: asyncio.Task[None]) -> Look:
        lanes, within = await observer.lanes(full), free and rng.random() < 0.5
        enough = await observer.handled(full) + rng.randrange(1, BURST // 2)
        ends: Mapping[TopicPartition, int] = {}

        async def is_within() -> bool:
            return await observer.transactions_at(ports) > 0

        async def has_handled() -> bool:
            return await observer.handled(full) >= enough

        async def some() -> bool:
            nonlocal ends
            ends = await observer.ends(lanes)
            return await observer.uncommitted(full, ends) > 0

        if within:
            await _promptly(play, is_within)
        elif free:
            await _promptly(play, has_handled)
            ends = await observer.ends(lanes)
        else:
            async with _held(victim):
                await _promptly(play, some)

        async def look(pid: int) -> Sight:
            inside = await observer.transactions(pid)
            behind = await observer.uncommitted(full, ends or await observer.ends(lanes))
            if within:
                return Sight({"transactions open": inside}, {"records not committed": behind})
            return Sight({"records not committed": behind}, {"transactions open": inside})

        return look

    yield moment


@contextmanager
def _of_relay(system: FaultSystem, service: str, free: bool, rng: random.Random) -> Generator[Moment]:
    """Struck while rows wait for it; every other burst just as it has marked others."""
    observer, full = system.observer, FULL_NAMES[service]
    victim, just_marked = system.role(full, "relay"), free and rng.random() < 0.5

    async def rows_wait() -> bool:
        _, waiting = await observer.outbox(full)
        return waiting > 0

    async def moment(play: asyncio.Task[None]) -> Look:
        marked, _ = await observer.outbox(full)
        enough = marked + rng.randrange(BURST)

        async def has_marked() -> bool:
            nonlocal marked
            before, (marked, waiting) = marked, await observer.outbox(full)
            return waiting > 0 and marked >= enough and marked > before

        if just_marked:
            await _promptly(play, has_marked)
        else:
            async with _held(victim):
                await _promptly(play, rows_wait)
                await asyncio.sleep(rng.uniform(0, 0.05))
            if free:
                await asyncio.sleep(rng.uniform(0, 0.01))
        now = datetime.now(UTC)

        async def look(pid: int) -> Sight:
            return Sight(
                {"outbox rows unpublished": await observer.unpublished(full, now)},
                {"transactions open": await observer.transactions(pid)},
            )

        return look

    yield moment


@asynccontextmanager
async def _held(victim: RoleProcess) -> AsyncGenerator[None]:
    victim.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        victim.signal(signal.SIGCONT)


@contextmanager
def _of_dispatcher(system: FaultSystem, service: str, free: bool, rng: random.Random) -> Generator[Moment]:
    """Struck while its request waits for an answer, or just after it was answered."""
    observer, full, world = system.observer, FULL_NAMES[service], system.world
    servers: list[LoopbackServer] = (
        [provider.server for provider in world.providers.values()]
        if full == NOTIFIER
        else [ehr.server.server for ehr in world.ehrs.values() if ehr.server]
    )

    def answered() -> int:
        if full == NOTIFIER:
            return sum(len(provider.ledger) for provider in world.providers.values())
        return sum(len(ehr.server.requests) for ehr in world.ehrs.values() if ehr.server)

    async def moment(play: asyncio.Task[None]) -> Look:
        enough, held = (rng.randrange(1, 5), rng.random() < 0.5) if free else (1, True)
        for server in servers:
            server.hold()

        async def waits() -> bool:
            return sum(server.held for server in servers) >= enough

        await _promptly(play, waits)
        if not held:
            before = answered() + rng.randrange(1, enough + 1)
            _let_go(servers)

            async def has_answers() -> bool:
                return answered() >= before

            await _promptly(play, has_answers)
        return look

    async def look(_: int) -> Sight:
        return Sight(
            {"rows leased": await observer.leased(full)},
            {
                "attempts in flight": await observer.attempts_in_flight(full),
                "requests held": sum(server.held for server in servers),
            },
        )

    try:
        yield moment
    finally:
        _let_go(servers)


def _let_go(servers: Sequence[LoopbackServer]) -> None:
    for server in servers:
        server.let_go()
