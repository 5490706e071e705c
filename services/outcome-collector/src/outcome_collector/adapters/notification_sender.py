"""Posts notifications of subscriptions to the addresses that record systems have named."""

import hashlib
from datetime import datetime
from typing import Any

import aiohttp
import orjson
from service_runtime import http
from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.delivery.classes import AttemptClass, class_of_status
from service_runtime.delivery.over_http import class_of_http_error, retry_after
from service_runtime.delivery.sender import Attempted, Delivery
from service_runtime.public_addresses import check_public_url
from service_runtime.secret_box import SecretBox
from sqlalchemy import RowMapping, select

from outcome_collector.adapters.subscription_rows import HANDSHAKE, SUBSCRIPTIONS, subscription_of
from outcome_collector.domain.notification import Event, notification
from outcome_collector.domain.subscription import FHIR_JSON


class NotificationSender:
    """Port `Sender` of the delivery engine for subscriptions. The session's resolver is where names are
    checked and pinned; `private_addresses` is for development alone."""

    def __init__(
        self,
        database: Database,
        client: aiohttp.ClientSession,
        box: SecretBox,
        clock: Clock,
        *,
        base: str,
        private_addresses: bool,
    ) -> None:
        self._database, self._client, self._box, self._clock = database, client, box, clock
        self._base, self._private_addresses = base, private_addresses

    async def send(self, delivery: Delivery) -> Attempted:
        """One POST; none where the subscription has ended meanwhile."""
        query = select(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == delivery.endpoint)
        async with self._database.read() as session:
            row = (await session.execute(query)).mappings().first()
        if row is None or row["status"] == "off":
            return Attempted(AttemptClass.STOPPED)
        try:
            if not self._private_addresses:
                check_public_url(row["address"])
            return await self._post(row, delivery)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Attempted(class_of_http_error(error))

    async def _post(self, row: RowMapping, delivery: Delivery) -> Attempted:
        headers = {"Content-Type": FHIR_JSON}
        if row["sealed_header"] is not None:
            headers["Authorization"] = self._box.open(row["sealed_header"], about=row["id"]).decode()
        body = orjson.dumps(self._told(row, delivery))
        answer = await http.call(self._client, "POST", row["address"], headers=headers, body=body)
        return Attempted(
            class_of_status(answer.status),
            status_code=answer.status,
            retry_after=retry_after(answer.headers, self._clock.now()),
            length=len(answer.body),
            digest=hashlib.sha256(answer.body).hexdigest() if answer.body else None,
        )

    def _told(self, row: RowMapping, delivery: Delivery) -> dict[str, Any]:
        subscription, at = subscription_of(row), datetime.fromisoformat(delivery.payload.decode())
        if delivery.channel == HANDSHAKE:
            return notification(
                subscription, "handshake", (), identifier=delivery.event_id, at=at, base=self._base
            )
        event = Event(delivery.sequence, delivery.ordering_key, at)
        return notification(
            subscription, "event-notification", [event], identifier=delivery.event_id, at=at, base=self._base
        )
