"""Signing secrets in the endpoints table, sealed."""

from datetime import datetime, timedelta

from service_runtime.secret_box import SecretBox
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_notifier.adapters.tables import endpoints


class SealedSecrets:
    """Port `Secrets`. `overlap_seconds`: how long the secret before the newest one still signs."""

    def __init__(self, box: SecretBox, overlap_seconds: float) -> None:
        self._box, self._overlap = box, timedelta(seconds=overlap_seconds)

    async def put(self, session: AsyncConnection, endpoint: str, secret: str, now: datetime) -> None:
        await session.execute(
            update(endpoints)
            .where(endpoints.c.id == endpoint)
            .values(
                secret=self._box.seal(secret.encode(), about=endpoint),
                previous_secret=endpoints.c.secret,
                previous_until=now + self._overlap,
            )
        )
