"""The gateway's directory, read over FHIR with the notifier's own token."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import aiohttp
import orjson
from service_runtime import http

from provider_notifier.adapters.service_token import ServiceToken
from provider_notifier.domain.endpoints import EndpointAddress, UnreadableEndpointError, read_endpoint
from provider_notifier.ports import DirectoryUnreachableError

_MOST_BYTES = 4_000_000
_MOST_PAGES = 1000


class GatewayDirectory:
    """Port `Directory` at the gateway's internal address."""

    def __init__(self, client: aiohttp.ClientSession, gateway_url: str, token: ServiceToken) -> None:
        self._client, self._base, self._token = client, gateway_url, token

    async def endpoint(self, endpoint: str) -> EndpointAddress | None:
        resource = await self._get(
            f"{self._base}/fhir/Endpoint/{quote(endpoint, safe='')}", absent=(404, 410)
        )
        if resource is None:
            return None
        try:
            return read_endpoint(resource)
        except UnreadableEndpointError:
            raise DirectoryUnreachableError("the directory's Endpoint cannot be read") from None

    async def endpoints(self) -> Sequence[EndpointAddress]:
        found: list[EndpointAddress] = []
        url: str | None = f"{self._base}/fhir/Endpoint"
        for _ in range(_MOST_PAGES):
            if url is None:
                break
            page = await self._get(url) or {}
            for entry in page.get("entry", ()):
                try:
                    found.append(read_endpoint(entry.get("resource", {})))
                except UnreadableEndpointError:
                    continue  # one that cannot be read must not hide the others
            url = self._next(page)
        return found

    def _next(self, page: Mapping[str, Any]) -> str | None:
        links = [link["url"] for link in page.get("link", ()) if link.get("relation") == "next"]
        if not links:
            return None
        # The link is the public one; we stay inside the installation.
        parts = urlsplit(links[0])
        return urljoin(f"{self._base}/", f"/fhir/Endpoint?{parts.query}")

    async def _get(self, url: str, *, absent: Collection[int] = ()) -> Mapping[str, Any] | None:
        headers = {"Authorization": f"Bearer {self._token.current()}", "Accept": "application/fhir+json"}
        try:
            answer = await http.call(self._client, "GET", url, headers=headers, most_bytes=_MOST_BYTES)
            if answer.status in absent:
                return None
            resource = orjson.loads(answer.body) if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError):
            raise DirectoryUnreachableError("the directory gave no answer") from None
        if not isinstance(resource, dict):
            raise DirectoryUnreachableError("the directory refused")
        return resource
