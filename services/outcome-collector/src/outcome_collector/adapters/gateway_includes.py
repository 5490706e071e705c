"""The gateway's resources that come along with Tasks, searched for over its public API as by the caller."""

from collections.abc import Sequence

import aiohttp
from referral_contracts.errors import refuse
from referral_contracts.fhir.search.bundle import Hit
from referral_contracts.fhir.search.including import hits_of
from service_runtime import http

MOST_BYTES = 8_000_000


class GatewayIncludes:
    """Implements `ports.Includes`."""

    def __init__(self, client: aiohttp.ClientSession, gateway_url: str) -> None:
        self._client, self._base = client, gateway_url

    async def resources(self, kind: str, ids: Sequence[str], authorization: str) -> Sequence[Hit]:
        url = f"{self._base}/fhir/{kind}?_count={len(ids)}&_id={','.join(ids)}"
        headers = {"Authorization": authorization, "Accept": "application/fhir+json"}
        try:
            answer = await http.call(self._client, "GET", url, headers=headers, most_bytes=MOST_BYTES)
        except (aiohttp.ClientError, TimeoutError):
            raise refuse("include-unavailable", type=kind) from None
        return hits_of(answer.status, answer.body, kind)
