"""The gateway, read over the same public FHIR API as everybody reads it, with a token that says for whom."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
import orjson
from referral_contracts.errors import LahettiError, refuse
from service_runtime import http
from service_runtime.caller import Act
from service_runtime.clock import Clock
from service_runtime.tokens import TokenSigner

from outcome_collector.domain.page_access import PageSession

ACT_SCOPE = "system/ServiceRequest.r system/Patient.r system/Consent.r"
ACT_SECONDS = 60.0
OWN_SCOPE = "system/Organization.r"
KEPT_SECONDS = 300.0
MOST_BYTES = 1_000_000
REFUSED = frozenset({403, 404, 410})


class GatewayNeighbour:
    """Implements `ports.Neighbour`. Names and words are kept for five minutes; personal data never is."""

    def __init__(
        self, client: aiohttp.ClientSession, gateway_url: str, signer: TokenSigner, clock: Clock
    ) -> None:
        self._client, self._base, self._signer, self._clock = client, gateway_url, signer, clock
        self._kept: dict[str, tuple[float, Mapping[str, Any]]] = {}

    async def documents(
        self, session: PageSession, service_request: str, referral: str
    ) -> Sequence[Mapping[str, Any]] | None:
        act = Act(provider=session.provider, task=session.task, session=session.id)
        token = self._signer.sign(
            client_id="outcome-collector", kind="service", scope=ACT_SCOPE, seconds=ACT_SECONDS, act=act
        )
        paths = (f"ServiceRequest/{service_request}", f"Patient/{referral}", f"Consent/{referral}")
        found = await asyncio.gather(*(self._read(path, token) for path in paths))
        return (
            None if any(document is None for document in found) else [one for one in found if one is not None]
        )

    async def organisation(self, provider: str) -> str:
        document = await self._kept_read(f"Organization/{provider}")
        return str(document.get("name") or provider)

    async def reason_words(self) -> Mapping[str, Mapping[str, str]]:
        document = await self._kept_read("CodeSystem/referral-reason")
        words: dict[str, dict[str, str]] = {}
        for concept in document.get("concept", []):
            words[concept["code"]] = {one["language"]: one["value"] for one in concept.get("designation", [])}
        return words

    async def _kept_read(self, path: str) -> Mapping[str, Any]:
        until, document = self._kept.get(path, (0.0, {}))
        if self._clock.monotonic() >= until:
            token = self._signer.sign(
                client_id="outcome-collector", kind="service", scope=OWN_SCOPE, seconds=ACT_SECONDS
            )
            try:
                document = await self._read(path, token) or {}
            except LahettiError:
                return document  # names are a courtesy: the page opens without them
            self._kept[path] = (self._clock.monotonic() + KEPT_SECONDS, document)
        return document

    async def _read(self, path: str, token: str) -> Mapping[str, Any] | None:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/fhir+json"}
        try:
            answer = await http.call(
                self._client, "GET", f"{self._base}/fhir/{path}", headers=headers, most_bytes=MOST_BYTES
            )
            if answer.status in REFUSED:
                return None
            if answer.status != 200:
                raise refuse("unavailable")
            return orjson.loads(answer.body)
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError):
            raise refuse("unavailable") from None
