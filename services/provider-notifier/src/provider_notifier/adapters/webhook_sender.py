"""Sends notifications as signed webhooks (Standard Webhooks 1.0.0)."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import datetime

import aiohttp
from service_runtime import trace_context
from service_runtime.clock import Clock
from service_runtime.delivery.classes import AttemptClass, class_of_status
from service_runtime.delivery.over_http import class_of_http_error, retry_after
from service_runtime.delivery.sender import Attempted, Delivery
from service_runtime.secret_box import SecretBox
from standardwebhooks import Webhook

from provider_notifier.adapters.endpoint_book import KnownEndpoint
from provider_notifier.domain.notice import Notice, notification

MOST_ANSWER_BYTES = 65_536
_ANSWER_SECONDS = 2.0


class WebhookSender:
    """Posts the id-only Bundle to the endpoint's address, which the county's directory gives."""

    def __init__(
        self,
        client: aiohttp.ClientSession,
        known: Mapping[str, KnownEndpoint],
        secrets: SecretBox,
        public_base_url: str,
        clock: Clock,
    ) -> None:
        self._client, self._known, self._secrets = client, known, secrets
        self._public_base_url, self._clock = public_base_url, clock

    async def send(self, delivery: Delivery) -> Attempted:
        """One POST. An endpoint without a secret is a fault of our own: nothing is sent unsigned."""
        endpoint, notice = self._known[delivery.endpoint], Notice.from_bytes(delivery.payload)
        if not endpoint.address.hears_of(test=notice.test):
            return Attempted(AttemptClass.NO_LISTENER)
        body = notification(
            notice,
            event=delivery.event_id,
            endpoint=delivery.endpoint,
            number=delivery.sequence,
            public_base_url=self._public_base_url,
        )
        now = self._clock.now()
        signatures = self._signatures(endpoint, delivery.event_id, now, body)
        if not signatures:
            return Attempted(AttemptClass.OWN_FAULT)
        headers = {
            "Content-Type": "application/fhir+json",
            "webhook-id": delivery.event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signatures,
            "referral-sequence": str(delivery.sequence),
            "traceparent": trace_context.begin(notice.traceparent),
        }
        try:
            return await self._post(endpoint.address.address, headers, body)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Attempted(class_of_http_error(error))

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Attempted:
        async with self._client.post(url, data=body, headers=headers, allow_redirects=False) as response:
            content = await _read_some(response)
            return Attempted(
                class_of_status(response.status),
                status_code=response.status,
                retry_after=retry_after(response.headers, self._clock.now()),
                length=len(content),
                digest=hashlib.sha256(content).hexdigest() if content else None,
            )

    def _signatures(self, endpoint: KnownEndpoint, event: str, now: datetime, body: bytes) -> str:
        sealed = [endpoint.secret]
        if endpoint.previous_until is not None and now < endpoint.previous_until:
            sealed.append(endpoint.previous_secret)
        secrets = [
            self._secrets.open(secret, about=endpoint.address.id).decode()
            for secret in sealed
            if secret is not None
        ]
        return " ".join(Webhook(secret).sign(event, now, body.decode()) for secret in secrets)


async def _read_some(response: aiohttp.ClientResponse) -> bytes:
    """Up to 64 kB of the answer. The status has been said: what becomes of the body changes nothing."""
    content = bytearray()
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            while len(content) < MOST_ANSWER_BYTES:
                chunk = await response.content.read(MOST_ANSWER_BYTES - len(content))
                if not chunk:
                    return bytes(content)
                content += chunk
    except (aiohttp.ClientError, OSError):
        pass
    response.close()
    return bytes(content)
