"""Kills that count: the role is stopped, looked at from outside, and dies only with work in flight."""

import asyncio
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import psutil
from lahetti.composition.processes import until_ready
from lahetti.simulators.facts import until_answered
from support.faults_flow import Sent
from support.faults_moments import BURST, FULL_NAMES, MOST_BURSTS, NotNowError, moments
from support.faults_sights import Sight
from support.faults_system import FaultSystem

MENDED_SECONDS = 30.0


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
            sight, times = await _strike(system, service, role, play, len(playing), rng)
            passed_over += times
            if sight is not None:
                break
            if len(playing) == MOST_BURSTS:
                raise AssertionError(
                    f"{service} {role} had no work in flight the {passed_over} times that it was stopped"
                )
        began = time.monotonic()
        victim.start()
        await until_ready(victim)
        await asyncio.wait_for(asyncio.gather(*playing), MENDED_SECONDS)
        await until_answered("the ledger is complete", partial(_complete, system, batch))
        await until_answered("the role has caught up", partial(_caught_up, system, service, role))
    except Exception as error:
        raise AssertionError(f"{seed}: {error}\n{await system.known_of_faults()}") from error
    finally:
        for play in playing:
            play.cancel()
    return Killed(sight, passed_over, time.monotonic() - began)


async def _complete(system: FaultSystem, batch: Sequence[Sent]) -> bool:
    return not system.ledger.unfinished(batch) and system.ledger.untold() == 0


async def _caught_up(system: FaultSystem, service: str, role: str) -> bool:
    """The next kill then meets it at work, not while it waits for what its predecessor held."""
    look, full = system.observer, FULL_NAMES[service]
    if role == "relay":
        return await look.unpublished(full) == 0
    if role == "consumer":
        return await look.uncommitted(full, await look.ends(await look.lanes(full))) == 0
    return True


async def _strike(
    system: FaultSystem, service: str, role: str, play: asyncio.Task[None], burst: int, rng: random.Random
) -> tuple[Sight | None, int]:  # fmt: skip
    """What was in flight at the kill (None where the burst ended before), and how often it was let go."""
    victim, passed_over = system.role(FULL_NAMES[service], role), 0
    assert victim.process is not None
    with moments(system, service, role, burst, rng) as moment:
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
