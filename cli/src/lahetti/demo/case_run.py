"""One case while it is played: its steps with their times, what it must show, and how it ended."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from lahetti.simulators.facts import until, until_answered


class CaseFailedError(Exception):
    """Something was not as it should be; the text says what, without a name."""


@dataclass
class CaseRun:
    """What is known of a case so far. Seconds count from its start."""

    name: str
    channel: str
    referral: str | None = None
    task: str | None = None
    status: str | None = None
    reason: str | None = None
    ehr_status: str | None = None
    ok: bool | None = None
    problem: str | None = None
    seconds: float = 0.0
    steps: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    started: float = field(default_factory=time.monotonic)

    def step(self, what: str) -> None:
        """Note that `what` has happened now."""
        self.steps.append((time.monotonic() - self.started, what))

    def check(self, true: object, what: str) -> None:
        """Raise CaseFailedError that says `what` was expected, unless `true`."""
        if not true:
            raise CaseFailedError(what)

    async def until(self, what: str, look: Callable[[], Any]) -> Any:
        """Wait for the fact `what`, then note it as a step."""
        found = await until(what, look)
        self.step(what)
        return found

    async def until_answered(self, what: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        """As `until`, for a fact that takes a request to see."""
        found = await until_answered(what, ask)
        self.step(what)
        return found

    def result(self, schedule: str) -> dict[str, object]:
        """The case as one JSON object; `problem` only where it did not end as it should."""
        found: dict[str, object] = {
            "case": self.name,
            "referral": self.referral,
            "task": self.task,
            "status": self.status,
            "reason": self.reason,
            "ehr_status": self.ehr_status,
            "channel": self.channel,
            "seconds": round(self.seconds, 3),
            "ok": bool(self.ok),
            "schedule": schedule,
        }
        return found | ({"problem": self.problem} if self.problem else {})


Play = Callable[[Any, CaseRun], Awaitable[None]]


@dataclass(frozen=True)
class Case:
    """A case as data: its name, how the provider hears of it, and the coroutine that plays it."""

    name: str
    channel: str
    play: Play

    async def run(self, world: Any, run: CaseRun) -> None:
        """Play to the end; the outcome and any problem are in `run`, nothing is raised but cancellation."""
        run.started = time.monotonic()
        try:
            await self.play(world, run)
            run.ok = True
        except Exception as error:  # noqa: BLE001 - a case that breaks must be told in the table, beside the others
            run.ok, run.problem = False, str(error) or type(error).__name__
        finally:
            run.seconds = time.monotonic() - run.started
