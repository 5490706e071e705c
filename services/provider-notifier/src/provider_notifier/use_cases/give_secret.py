"""Gives an endpoint a signing secret."""

import base64
import binascii
import secrets

from referral_contracts.errors import refuse
from service_runtime.clock import Clock
from service_runtime.database.engine import Database

from provider_notifier.ports import DirectoryUnreachableError, EndpointBook, Secrets
from provider_notifier.use_cases.follow_directory import FollowDirectory

PREFIX = "whsec_"
_BYTES = 32


class GiveSecret:
    """Keeps a new signing secret of an endpoint, sealed, and answers it this once. The one before goes on
    signing beside it for the overlap, so that the receiver can change over.

    Raises `not-found` where the directory has no such endpoint, `unavailable` where it cannot be asked,
    `invalid-value` for a secret that Standard Webhooks does not allow (`whsec_` and base64 of 24 to 64
    bytes)."""

    def __init__(
        self, database: Database, book: EndpointBook, kept: Secrets, follow: FollowDirectory, clock: Clock
    ) -> None:
        self._database, self._book, self._secrets = database, book, kept
        self._follow, self._clock = follow, clock

    async def __call__(self, endpoint: str, given: str | None) -> str:
        secret = given if given is not None else new_secret()
        if not is_secret(secret):
            raise refuse("invalid-value", "secret")
        await self._must_exist(endpoint)
        async with self._database.write() as session:
            await self._secrets.put(session, endpoint, secret, self._clock.now())
        return secret

    async def _must_exist(self, endpoint: str) -> None:
        async with self._database.read() as session:
            if await self._book.exists(session, endpoint):
                return
        # It may be so new that its event has not come yet.
        try:
            found = await self._follow.read_again(endpoint)
        except DirectoryUnreachableError:
            raise refuse("unavailable") from None
        if not found:
            raise refuse("not-found")


def new_secret() -> str:
    """A random secret of 32 bytes as Standard Webhooks writes it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def is_secret(text: str) -> bool:
    """Whether Standard Webhooks 1.0.0 allows `text` as a symmetric secret."""
    try:
        return (
            text.startswith(PREFIX) and 24 <= len(base64.b64decode(text[len(PREFIX) :], validate=True)) <= 64
        )
    except (binascii.Error, ValueError):
        return False
