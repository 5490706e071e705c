"""What is to be recorded of referrals, asked from the gateway: the topics know no pathway."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
import orjson
from service_runtime import http
from service_runtime.clock import Clock

from outcome_collector.adapters.service_token import ServiceTokens
from outcome_collector.domain.recorded import NOTHING, Recording
from outcome_collector.ports import RecordingsUnknownError

KEPT_SECONDS = 300.0
MOST_KEPT = 20_000
MOST_ASKED = 100
WAIT_SECONDS = 2.0
SILENT_SECONDS = 5.0
MOST_BYTES = 1_048_576


class GatewayRecordings:
    """Implements `ports.Recordings`. Answers are kept for five minutes, and so is the answer that the county
    has nothing to record; a gateway that gave none is left alone for five seconds."""

    def __init__(
        self, client: aiohttp.ClientSession, gateway_url: str, tokens: ServiceTokens, clock: Clock
    ) -> None:
        self._client, self._url, self._tokens, self._clock = client, gateway_url, tokens, clock
        self._kept: dict[str, tuple[float, Recording]] = {}
        self._none_until = self._silent_until = 0.0

    async def of(self, referrals: Sequence[str]) -> Mapping[str, Recording]:
        now = self._clock.monotonic()
        if now < self._none_until:
            return {}
        found: dict[str, Recording] = {}
        for one in dict.fromkeys(referrals):
            until, recording = self._kept.get(one, (0.0, NOTHING))
            if now < until:
                found[one] = recording
        missing = [one for one in dict.fromkeys(referrals) if one not in found]
        for start in range(0, len(missing), MOST_ASKED):
            found |= await self._asked(missing[start : start + MOST_ASKED])
        return found

    async def _asked(self, referrals: Sequence[str]) -> Mapping[str, Recording]:
        now = self._clock.monotonic()
        if now < self._silent_until:
            raise RecordingsUnknownError
        try:
            answer = await self._answer(referrals)
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError):
            self._silent_until = now + SILENT_SECONDS
            raise RecordingsUnknownError from None
        if not answer["any"]:
            self._none_until = now + KEPT_SECONDS
            return {}
        told = {one: _recording(answer["recordings"].get(one, {})) for one in referrals}
        if len(self._kept) + len(told) > MOST_KEPT:
            self._kept.clear()
        self._kept |= {one: (now + KEPT_SECONDS, recording) for one, recording in told.items()}
        return told

    async def _answer(self, referrals: Sequence[str]) -> dict[str, Any]:
        url = f"{self._url}/gateway/recordings?" + "&".join(f"referral={one}" for one in referrals)
        headers = {"Authorization": f"Bearer {self._tokens.for_gateway()}", "Accept": "application/json"}
        async with asyncio.timeout(WAIT_SECONDS):
            answer = await http.call(self._client, "GET", url, headers=headers, most_bytes=MOST_BYTES)
        if answer.status != 200:
            raise aiohttp.ClientError
        return orjson.loads(answer.body)


def _recording(told: Mapping[str, Any]) -> Recording:
    procedures = tuple(
        (one["act"], {name: one[name] for name in ("system", "code", "display")})
        for one in told.get("procedures", ())
    )
    return Recording(procedures, tuple(told.get("phrase", {}).items()))
