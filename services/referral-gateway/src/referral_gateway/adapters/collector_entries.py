"""Entries of a batch about Tasks: asked of the collector over its public API, in the caller's own name."""

from collections.abc import Mapping

import aiohttp
from referral_contracts.errors import refuse
from service_runtime import http
from service_runtime.http import Answer

MOST_BYTES = 8_000_000


class CollectorEntries:
    """Implements `batch.Elsewhere`."""

    def __init__(self, client: aiohttp.ClientSession, collector_url: str) -> None:
        self._client, self._base = client, collector_url

    async def ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer, its headers by lower-case name. Raises `unavailable` where none comes, or none that
        has an end."""
        try:
            answer = await http.call(
                self._client,
                method,
                f"{self._base}{target}",
                headers=headers,
                body=body or None,
                most_bytes=MOST_BYTES,
            )
        except (aiohttp.ClientError, TimeoutError):
            raise refuse("unavailable") from None
        if answer.truncated:
            raise refuse("unavailable")
        return Answer(
            answer.status, {name.lower(): text for name, text in answer.headers.items()}, answer.body
        )
