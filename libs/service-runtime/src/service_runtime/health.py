"""Whether a process is alive (its loops make progress) and ready (what it needs can be reached)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

CHECK_SECONDS = 2.0
HEART = "event-loop"
HEART_SECONDS = 0.5
HEART_STOPS_AFTER = 8.0

Check = Callable[[], Awaitable[None]]
"""Returns when the thing can be reached, raises where it cannot."""


class _Beat(NamedTuple):
    at: float
    within: float


class _NamedCheck(NamedTuple):
    name: str
    check: Check
    required: bool


@dataclass(frozen=True, slots=True)
class Report:
    """How it stands. `parts` tells each loop or check by name, in constant words, never an error's text."""

    status: Literal["ok", "degraded", "failing"]
    parts: Mapping[str, str]

    @property
    def http_status(self) -> int:
        """503 only where failing: degraded still serves."""
        return 503 if self.status == "failing" else 200


class Health:
    """One for a process. Roles beat, services add checks, /livez and /readyz ask.

    `alive` may be asked from any thread, so that it can tell of an event loop that is blocked.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._beats: dict[str, _Beat] = {}
        self._failed: dict[str, int] = {}
        self._checks: list[_NamedCheck] = []
        self._draining = False
        self.lag = 0.0
        """Seconds by which the event loop was late when it last looked."""

    def add_check(self, name: str, check: Check, *, required: bool = True) -> None:
        """Let readiness depend on `check`, given 2 s; one that is not required is only reported."""
        self._checks.append(_NamedCheck(name, check, required))

    def require(self, name: str) -> None:
        """Let readiness depend on the check `name`, which was only reported until now."""
        self._checks = [
            check._replace(required=check.required or check.name == name) for check in self._checks
        ]

    def beat(self, name: str, *, within: float = 60.0) -> None:
        """Say that the loop `name` made progress and will again within so many seconds."""
        self._beats[name] = _Beat(self._monotonic(), within)

    def ended(self, name: str) -> None:
        """Say that the loop `name` returned on purpose and owes no more beats."""
        self._beats.pop(name, None)
        self._failed.pop(name, None)

    def failed(self, name: str, times: int) -> None:
        """Say that the role `name` raised and will be started again, for the n-th time in a row."""
        self._beats.pop(name, None)
        self._failed[name] = times

    def recovered(self, name: str) -> None:
        """Say that the role `name` runs well again."""
        self._failed.pop(name, None)

    def drain(self) -> None:
        """Say that the process is stopping: not ready for new work."""
        self._draining = True

    def alive(self) -> Report:
        """Failing while a loop is overdue with its beat; degraded while a role is being restarted."""
        now = self._monotonic()
        parts = dict.fromkeys(list(self._failed), "restarting")
        stale = False
        for name, beat in list(self._beats.items()):
            overdue = now - beat.at > beat.within
            stale = stale or overdue
            parts[name] = "stale" if overdue else "ok"
        return Report("failing" if stale else "degraded" if self._failed else "ok", parts)

    async def ready(self) -> Report:
        """Failing while a required check fails or the process stops; degraded while another one fails."""
        answers = await asyncio.gather(*(_ask(named) for named in self._checks))
        parts = {named.name: answer for named, answer in zip(self._checks, answers, strict=True)}
        if self._draining:
            return Report("failing", parts | {"process": "stopping"})
        broken = [named for named in self._checks if parts[named.name] != "ok"]
        if any(named.required for named in broken):
            return Report("failing", parts)
        return Report("degraded" if broken else "ok", parts)

    async def keep_beating(self) -> None:
        """The event loop's own beat; runs until cancelled."""
        while True:
            self.beat(HEART, within=HEART_STOPS_AFTER)
            began = self._monotonic()
            await asyncio.sleep(HEART_SECONDS)
            self.lag = max(0.0, self._monotonic() - began - HEART_SECONDS)


async def _ask(named: _NamedCheck) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await named.check()
    except TimeoutError:
        return "no answer"
    except Exception:  # noqa: BLE001  # any failure of a check means the same to a probe
        return "failing"
    return "ok"
