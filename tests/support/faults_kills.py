"""Kills that count: the role is stopped, looked at from outside, and dies only with work in flight."""

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import psutil
from lahetti.composition.blueprint import COLLECTOR, GATEWAY, NOTIFIER
from lahetti.composition.processes import RoleProcess, until_ready
from lahetti.simulators.facts import until_answered
from lahetti.simulators.loopback import LoopbackServer
from support.faults_flow import Sent
from support.faults_sights import Sight, ports_of
from support.faults_system import FaultSystem

BURST = 15
MOST_BURSTS = 6
MENDED_SECONDS = 30.0
SHORT_NAMES = {GATEWAY: "gateway", NOTIFIER: "notifier", COLLECTOR: "collector"}
FULL_NAMES = {short: full for full, short in SHORT_NAMES.items()}

Look = Callable[[int], Awaitable[Sight]]
"""What the stopped process, by its pid, has in flight."""


class NotNowError(Exception):
    """The burst ended before there was a moment to strike."""


@dataclass(frozen=True)
class Killed:
    """What was in flight, how often the role was let go because nothing was, how long the mending took."""

    sight: Sight
    passed_over: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.sight}; passed over {self.passed_over}; mended in {self.seconds:.1f} s"


async def kill_and_mend(system: FaultSystem, service: str, role: str, seed: str) -> Killed:
    """Post a burst, kill the role in the middle of it, start it again, wait until the ledger is complete."""
    rng, victim = random.Random(seed), system.role(FULL_NAMES[service], role)
    batch: list[Sent] = []
    playing: list[asyncio.Task[None]] = []
    passed_over = 0
    try:
        while True:
            more, play = system.flow.burst(BURST, rng, seed)
            batch += more
            playing.append(play)
            sight, times = await _strike(system, service, role, victim, play, rng)
            passed_over += times
            if sight is not None:
                break
            if len(playing) == MOST_BURSTS:
                raise AssertionError(f"{service} {role} never had work in flight when it was stopped")
        began = time.monotonic()
        victim.start()
        await until_ready(victim)
        await asyncio.wait_for(asyncio.gather(*playing), MENDED_SECONDS)
        await until_answered("the ledger is complete", partial(_complete, system, batch))
    except Exception as error:
        raise AssertionError(f"{seed}: {error}\n{await system.known_of_faults()}") from error
    finally:
        for play in playing:
            play.cancel()
    return Killed(sight, passed_over, time.monotonic() - began)


async def _complete(system: FaultSystem, batch: Sequence[Sent]) -> bool:
    return not system.ledger.unfinished(batch) and system.ledger.untold() == 0


async def _strike(
    system: FaultSystem, service: str, role: str, victim: RoleProcess, play: asyncio.Task[None],
    rng: random.Random,
) -> tuple[Sight | None, int]:  # fmt: skip
    """What was in flight at the kill (None where the burst ended before), and how often it was let go."""
    passed_over = 0
    assert victim.process is not None
    with _moments(system, service, role, rng) as moment:
        while not play.done() or passed_over == 0:
            try:
                look = await moment(play)
            except NotNowError:
                break
            victim.signal(signal.SIGSTOP)
            _until_stopped(victim.process.pid)
            sight = await look(victim.process.pid)
            if sight.in_flight:
                victim.signal(signal.SIGKILL)
                await asyncio.to_thread(victim.process.wait)
                return sight, passed_over
            victim.signal(signal.SIGCONT)
            passed_over += 1
    if play.done():
        play.result()
    return None, passed_over


def _until_stopped(pid: int) -> None:
    process = psutil.Process(pid)
    while process.status() != psutil.STATUS_STOPPED:
        pass


Moment = Callable[[asyncio.Task[None]], Awaitable[Look]]
"""Waits until it is worth to stop the role, and answers how to look at it then."""


def _moments(
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
    process = system.role(full, "consumer").process
    assert process is not None
    ports = ports_of(process.pid)

    async def moment(play: asyncio.Task[None]) -> Look:
        lanes, within = await observer.lanes(full), rng.random() < 0.5
        enough = await observer.handled(full) + rng.randrange(1, BURST // 2)

        async def worth() -> bool:
            if within:
                return await observer.transactions_at(ports) > 0
            return await observer.handled(full) >= enough

        await _promptly(play, worth)
        ends = {} if within else await observer.ends(lanes)

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
    """Struck while rows wait for it; every other time just as it has marked others."""
    observer, full = system.observer, FULL_NAMES[service]

    async def moment(play: asyncio.Task[None]) -> Look:
        just_marked = rng.random() < 0.5
        marked, _ = await observer.outbox(full)
        enough = marked + rng.randrange(BURST)

        async def worth() -> bool:
            nonlocal marked
            before, (marked, waiting) = marked, await observer.outbox(full)
            return waiting > 0 and marked >= enough and (marked > before or not just_marked)

        await _promptly(play, worth)
        now = datetime.now(UTC)

        async def look(pid: int) -> Sight:
            return Sight(
                {"outbox rows unpublished": await observer.unpublished(full, now)},
                {"transactions open": await observer.transactions(pid)},
            )

        return look

    yield moment


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
