"""A steady flow of referrals, each with an end that was decided before it was posted."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lahetti.demo.world import Referral, World, referral_id, told
from lahetti.simulators.facts import NeverCameTrueError, until
from lahetti.simulators.provider import ProviderSimulator
from lahetti.simulators.provider_task import STATUS_REASON, ProviderStoppedError, ProviderTask, concept

PLACES = {"285": "kotka", "286": "kouvola", "624": "pyhtaa", "935": "virolahti"}
"""Municipalities whose first provider takes webhooks and has no number in its agreement."""
EHRS = ("write", "down", "conflict")
Ending = Literal["completed", "revoked at once", "revoked when accepted"]
ENDINGS: tuple[Ending, ...] = (
    "completed",
    "completed",
    "completed",
    "revoked at once",
    "revoked when accepted",
)
RANK = {"requested": 0, "received": 0, "accepted": 1, "in-progress": 2}
LAST = 3
MOST_TRIES = 20
COUNTERPARTS_SECONDS = 90.0
"""How long they keep waiting for each other: longer than the deadline of whoever watches them."""


@dataclass
class Sent:
    """One referral of the flow. `answers` are the ids that the platform gave it, each time it was asked."""

    ehr: str
    provider: str
    ending: Ending
    referral: Referral
    round: str
    answers: list[str] = field(default_factory=list[str])

    @property
    def status(self) -> str:
        """What Task A must come to show."""
        return "completed" if self.ending == "completed" else "cancelled"

    @property
    def events(self) -> list[str]:
        """What the provider must be told, in order."""
        return ["task.requested"] if self.ending == "completed" else ["task.requested", "task.cancelled"]


class Flow:
    """Posts referrals in bursts and lets providers and referrers do what each one's ending says.

    `may_revoke` is set; cleared, revocations of accepted referrals wait for it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sent: list[Sent] = []
        self.may_revoke = asyncio.Event()
        self.may_revoke.set()

    def burst(
        self, count: int, rng: random.Random, name: str, *, places: Sequence[str] = tuple(PLACES),
        endings: Sequence[Ending] = ENDINGS,
    ) -> tuple[list[Sent], asyncio.Task[None]]:  # fmt: skip
        """Post `count` referrals at once; the task ends when the counterparts have done all they will."""
        batch = [self._make(rng, name, rng.choice(places), rng.choice(endings)) for _ in range(count)]
        self.sent += batch

        async def all_of_it() -> None:
            await asyncio.gather(*(self._play(each) for each in batch))

        return batch, asyncio.create_task(all_of_it())

    def _make(self, rng: random.Random, name: str, place: str, ending: Ending) -> Sent:
        ehr = rng.choice(EHRS)
        referral = self.world.ehrs[ehr].new_referral(municipality=place)
        return Sent(ehr, PLACES[place], ending, referral, name)

    async def _play(self, sent: Sent) -> None:
        ehr, provider = self.world.ehrs[sent.ehr], self.world.providers[sent.provider]
        answer = await ehr.api.post_bundle(sent.referral.bundle)
        if answer.status != 200:
            raise AssertionError(f"a referral was answered {told(answer)}")
        sent.referral.id = referral_id(answer)
        sent.answers.append(sent.referral.id)
        if sent.ending == "completed":
            provider.on_referral(sent.referral.id, to_the_end)
        elif sent.ending == "revoked when accepted":
            provider.on_referral(sent.referral.id, only_accept)
            accepted = lambda: _status(provider, sent) == "accepted"  # noqa: E731
            await until("the provider has accepted", accepted, seconds=COUNTERPARTS_SECONDS)
            await self.may_revoke.wait()
        if sent.ending != "completed":
            await self._revoke(sent)

    async def _revoke(self, sent: Sent) -> None:
        api = self.world.ehrs[sent.ehr].api
        for _ in range(MOST_TRIES):
            answer = await api.revoke(sent.referral.id, concept(STATUS_REASON, "no-longer-needed"))
            if answer.status == 200:
                return
            # The answer to an earlier try was lost: what it did can be seen.
            read = await api.read(f"ServiceRequest/{sent.referral.id}")
            if read.body.get("status") == "revoked":
                return
        raise AssertionError(f"revoking was answered {told(answer)}")

    async def ask_again(self) -> None:
        """Post every referral once more, as an EHR does that lost the answer."""
        for sent in self.sent:
            answer = await self.world.ehrs[sent.ehr].api.post_bundle(sent.referral.bundle)
            sent.answers.append(referral_id(answer) if answer.status == 200 else told(answer))


async def to_the_end(task: ProviderTask) -> None:
    """Accept, start, complete; where an answer is lost, look how far it came and go on."""
    for status, move in (
        ("accepted", task.accept),
        ("in-progress", task.start),
        ("completed", task.complete),
    ):
        await _reach(task, status, move)


async def only_accept(task: ProviderTask) -> None:
    """Accept, and wait."""
    await _reach(task, "accepted", task.accept)


async def _reach(task: ProviderTask, status: str, move: Callable[[], Awaitable[None]]) -> None:
    try:
        await move()
    except ProviderStoppedError:
        await task.refresh()
        if RANK.get(task.status, LAST) < RANK.get(status, LAST):
            raise


def _status(provider: ProviderSimulator, sent: Sent) -> str | None:
    task = provider.task_for(sent.referral.id)
    if task is not None and (refused := provider.failures.get(task.id)):
        raise NeverCameTrueError(refused)
    return task.status if task else None
