"""Links to the provider's page, asked of the collector when a mail is sent."""

import aiohttp
import orjson
from service_runtime import http

from provider_notifier.adapters.service_token import ServiceToken
from provider_notifier.ports import LinkUnavailableError


class CollectorLinks:
    """Port `Links` at the collector's internal address."""

    def __init__(self, client: aiohttp.ClientSession, collector_url: str, token: ServiceToken) -> None:
        self._client, self._url, self._token = client, f"{collector_url}/p/links", token

    async def link(self, task: str) -> str:
        headers = {"Authorization": f"Bearer {self._token.current()}", "Content-Type": "application/json"}
        try:
            answer = await http.call(
                self._client, "POST", self._url, headers=headers, body=orjson.dumps({"task": task})
            )
            url = orjson.loads(answer.body).get("url") if answer.status == 201 else None
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError, AttributeError):
            raise LinkUnavailableError("the collector gave no answer") from None
        if not isinstance(url, str):
            raise LinkUnavailableError("the collector refused to make a link")
        return url
