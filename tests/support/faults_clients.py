"""EHRs and providers that ask again while the platform is away, and a count of what they wait for."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import aiohttp
from lahetti.simulators.fhir_client import Answer, FhirClient

AWAY = frozenset({502, 503, 504})
PATIENCE_SECONDS = 60.0
AGAIN_SECONDS = 0.25


class Traffic:
    """All requests of all clients: which are open now, how many were answered, asked again, or met a fault.

    `service` of a request is gateway, collector or notifier, by its path.
    """

    def __init__(self) -> None:
        self.answered: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        self.faults: list[str] = []
        self._numbers = itertools.count()
        self._open: dict[int, str] = {}

    def client(self, base: str, token: Callable[[], str]) -> FhirClient:
        """Makes a client whose requests are counted here."""
        return PatientClient(base, token, self)

    def open(self, service: str) -> int:
        """How many requests wait for the answer of this service."""
        return sum(waits_for == service for waits_for in self._open.values())

    def begin(self, service: str) -> int:
        number = next(self._numbers)
        self._open[number] = service
        return number

    def end(self, number: int, answer: Answer | None) -> None:
        service = self._open.pop(number)
        if answer is None or answer.status in AWAY:
            self.repeated[service] += 1
        else:
            self.answered[service] += 1


class PatientClient(FhirClient):
    """Repeats a request that found nobody, or that was not answered. A 500 is kept as a fault."""

    def __init__(self, base: str, token: Callable[[], str], traffic: Traffic) -> None:
        super().__init__(base, token)
        self._traffic = traffic

    async def request(
        self, method: str, path: str = "", *, body: Any = None, media: str = "application/fhir+json",
        if_match: str | None = None,
    ) -> Answer:  # fmt: skip
        deadline = time.monotonic() + PATIENCE_SECONDS
        service = _service(path)
        while True:
            number, answer = self._traffic.begin(service), None
            try:
                answer = await super().request(method, path, body=body, media=media, if_match=if_match)
            except (aiohttp.ClientError, TimeoutError):
                if time.monotonic() > deadline:
                    raise
            finally:
                self._traffic.end(number, answer)
            if answer is not None and (answer.status not in AWAY or time.monotonic() > deadline):
                if answer.status >= 500:
                    self._traffic.faults.append(f"{method} {path or '/'} was answered {answer.status}")
                return answer
            await asyncio.sleep(AGAIN_SECONDS)


def _service(path: str) -> str:
    if path.startswith(("Task", "collector/")):
        return "collector"
    return "notifier" if path.startswith("notifier/") else "gateway"
