"""The collector's Tasks that come along with ServiceRequests, searched for over its public API."""

from collections.abc import Sequence

import aiohttp
from referral_contracts.errors import refuse
from referral_contracts.fhir.search.bundle import Hit
from referral_contracts.fhir.search.including import hits_of
from service_runtime import http

MOST_BYTES = 8_000_000


class CollectorIncludes:
    """Implements `searching.Tasks`."""

    def __init__(self, client: aiohttp.ClientSession, collector_url: str) -> None:
        self._client, self._base = client, collector_url

    async def focusing(self, requests: Sequence[str], authorization: str) -> Sequence[Hit]:
        """Those Tasks about the ServiceRequests with the ids `requests` that the bearer of `authorization`
        may search for. Raises a refusal `include-withheld` where it may search for none, and
        `include-unavailable` while the collector gives no answer.
        """
        focus = ",".join(f"ServiceRequest/{one}" for one in requests)
        url = f"{self._base}/fhir/Task?_count=100&focus={focus}"
        headers = {"Authorization": authorization, "Accept": "application/fhir+json"}
        try:
            answer = await http.call(self._client, "GET", url, headers=headers, most_bytes=MOST_BYTES)
        except (aiohttp.ClientError, TimeoutError):
            raise refuse("include-unavailable", type="Task") from None
        return hits_of(answer.status, answer.body, "Task")
