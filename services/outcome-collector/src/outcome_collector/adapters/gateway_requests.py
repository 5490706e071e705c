"""The gateway's service requests, read over FHIR with the collector's own token."""

from typing import Any

import aiohttp
import orjson
from referral_contracts.systems import REQUEST_STATUS_REASON_EXTENSION, STATUS_REASON
from service_runtime import http

from outcome_collector.adapters.service_token import ServiceTokens
from outcome_collector.domain.task_documents import code_in
from outcome_collector.ports import RequestUnreadableError, Revocation

_MOST_BYTES = 1_048_576
_ENDED = ("revoked", "entered-in-error")


class GatewayRequests:
    """Port `RequestReader`."""

    def __init__(self, client: aiohttp.ClientSession, gateway_url: str, tokens: ServiceTokens) -> None:
        self._client, self._url, self._tokens = client, gateway_url, tokens

    async def revocation(self, service_request: str) -> Revocation:
        """The status and reason of a revoked service request. Raises RequestUnreadableError."""
        url = f"{self._url}/fhir/ServiceRequest/{service_request}"
        headers = {"Authorization": f"Bearer {self._tokens.for_gateway()}", "Accept": "application/fhir+json"}
        try:
            answer = await http.call(self._client, "GET", url, headers=headers, most_bytes=_MOST_BYTES)
            document: Any = orjson.loads(answer.body) if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as error:
            raise RequestUnreadableError(type(error).__name__) from None
        if not isinstance(document, dict):
            raise RequestUnreadableError(f"status {answer.status}")
        return _revocation(document)  # pyright: ignore[reportUnknownArgumentType]


def _revocation(document: dict[str, Any]) -> Revocation:
    if document.get("status") not in _ENDED:
        raise RequestUnreadableError("not revoked")
    for extension in document.get("extension", ()):
        if extension.get("url") == REQUEST_STATUS_REASON_EXTENSION:
            concept = extension.get("valueCodeableConcept", {})
            return Revocation(document["status"], code_in(concept, STATUS_REASON), concept.get("text"))
    return Revocation(document["status"], None, None)
