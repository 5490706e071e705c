"""When it is worth to strike a role, and what to look at then: a moment for each kind of role."""

import asyncio
import random
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial

from kafka import TopicPartition
from lahetti.composition.blueprint import COLLECTOR, GATEWAY, NOTIFIER
from lahetti.composition.processes import RoleProcess
from lahetti.simulators.loopback import LoopbackServer
from support.faults_sights import Observer, Sight, ports_of
from support.faults_system import FaultSystem

BURST = 15
"""Referrals that are posted at once."""
MOST_BURSTS = 6
MEET_SECONDS = 1.5
"""How long a moment is waited for that the machine may be too slow to show."""
FULL_NAMES = {"gateway": GATEWAY, "notifier": NOTIFIER, "collector": COLLECTOR}

Look = Callable[[int], Awaitable[Sight]]
"""What the stopped process, by its pid, has in flight."""


class NotNowError(Exception):
    """The burst ended before there was a moment to strike."""


Moment = Callable[[asyncio.Task[None]], Awaitable[Look]]
"""Waits until it is worth to stop the role, and answers how to look at it then."""


def moments(
    system: FaultSystem, service: str, role: str, rng: random.Random
) -> AbstractContextManager[Moment]:
    kinds = {"api": _of_api, "consumer": _of_consumer, "relay": _of_relay, "dispatcher": _of_dispatcher}
    return kinds[role](system, service, rng)


async def _promptly(play: asyncio.Task[None], look: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as `look` is true. Raises NotNowError when the burst ended before."""
    while not await look():
        if play.done():
            raise NotNowError
        await asyncio.sleep(0.001)


@contextmanager
def _of_api(system: FaultSystem, service: str, rng: random.Random) -> Generator[Moment]:
    traffic, full = system.traffic, FULL_NAMES[service]
    asked = asyncio.create_task(_ask_for_traces(system)) if full == NOTIFIER else None

    async def moment(play: asyncio.Task[None]) -> Look:
        enough = traffic.answered[service] + rng.randrange(BURST)

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
def _of_consumer(system: FaultSystem, service: str, rng: random.Random) -> Generator[Moment]:
    """Struck in the middle of its transaction, or just after it and before the offsets are committed."""
    observer, full = system.observer, FULL_NAMES[service]
    victim = system.role(full, "consumer")
    assert victim.process is not None
    ports = ports_of(victim.process.pid)

    async def moment(play: asyncio.Task[None]) -> Look:
        lanes, within = await observer.lanes(full), rng.random() < 0.5
        enough = await observer.handled(full) + rng.randrange(1, BURST // 2)

        async def worth() -> bool:
            if within:
                return await observer.transactions_at(ports) > 0
            return await observer.handled(full) >= enough

        async def some() -> bool:
            return await observer.uncommitted(full, await observer.ends(lanes)) > 0

        ends: Mapping[TopicPartition, int] = {}
        try:
            async with asyncio.timeout(MEET_SECONDS):
                await _promptly(play, worth)
            if not within:
                ends = await observer.ends(lanes)
        except TimeoutError:
            # On a busy machine neither is met: then it is struck with records that it was kept from.
            within = False
            async with _held(victim):
                await _promptly(play, some)
                ends = await observer.ends(lanes)
            await asyncio.sleep(rng.uniform(0, 0.01))

        async def look(pid: int) -> Sight:
            inside = await observer.transactions(pid)
            behind = await observer.uncommitted(full, ends or await observer.ends(lanes))
            if within:
                return Sight({"transactions open": inside}, {"records not committed": behind})
            return Sight({"records not committed": behind}, {"transactions open": inside})

        return look

    yield moment


@contextmanager
def _of_relay(system: FaultSystem, service: str, rng: random.Random) -> Generator[Moment]:
    """Struck while rows wait for it; every other time just as it has marked others, if that can be met:
    a relay that few events pass seldom marks some while others wait."""
    observer, full = system.observer, FULL_NAMES[service]
    victim, times = system.role(full, "relay"), 0

    async def moment(play: asyncio.Task[None]) -> Look:
        nonlocal times
        times += 1
        just_marked = times <= MOST_BURSTS // 2 and rng.random() < 0.5
        some = partial(_rows_wait, observer, full)
        marked, _ = await observer.outbox(full)
        enough = marked + (rng.randrange(BURST) if just_marked else 0)

        async def worth() -> bool:
            nonlocal marked
            before, (marked, waiting) = marked, await observer.outbox(full)
            return waiting > 0 and marked >= enough and (marked > before or not just_marked)

        try:
            async with asyncio.timeout(MEET_SECONDS):
                if not just_marked:
                    await _pile_up(play, victim, some, rng)
                await _promptly(play, worth)
        except TimeoutError:
            # It keeps up with the few that come: then it is struck with rows that it was kept from.
            async with _held(victim):
                await _promptly(play, some)
        now = datetime.now(UTC)

        async def look(pid: int) -> Sight:
            return Sight(
                {"outbox rows unpublished": await observer.unpublished(full, now)},
                {"transactions open": await observer.transactions(pid)},
            )

        return look

    yield moment


async def _rows_wait(observer: Observer, service: str) -> bool:
    _, waiting = await observer.outbox(service)
    return waiting > 0


async def _pile_up(
    play: asyncio.Task[None], victim: RoleProcess, some: Callable[[], Awaitable[bool]], rng: random.Random
) -> None:
    """Hold the role until it has work, and a moment longer; then let it go, and in the middle of it."""
    async with _held(victim):
        await _promptly(play, some)
        await asyncio.sleep(rng.uniform(0, 0.05))
    await asyncio.sleep(rng.choice([0.0, rng.uniform(0, 0.01)]))


@asynccontextmanager
async def _held(victim: RoleProcess) -> AsyncGenerator[None]:
    victim.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        victim.signal(signal.SIGCONT)


@contextmanager
def _of_dispatcher(system: FaultSystem, service: str, rng: random.Random) -> Generator[Moment]:
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
        enough, held = rng.randrange(1, 5), rng.random() < 0.5
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
