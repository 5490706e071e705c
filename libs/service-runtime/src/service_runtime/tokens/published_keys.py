"""The public keys of others: as a JWK set that is given, or at an address, where they may change."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp
import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey, import_key

from service_runtime import http
from service_runtime.clock import Clock
from service_runtime.logs import logger
from service_runtime.public_addresses import PublicResolver, check_public_url

FRESH_SECONDS = 900.0
KEPT_SECONDS = 24 * 3600.0
REFRESH_EVERY_SECONDS = 30.0
FETCH_SECONDS = 5.0
LEAST_RSA_BITS = 2048
CURVE = "P-384"
_MOST_KEYS = 20
_log = logger()


def public_keys(document: object, curves: Collection[str] = (CURVE,)) -> Mapping[str, Key]:
    """The keys of a JWK set (RFC 7517) by `kid`. Left out: what has no kid, is neither RSA of at least 2048
    bits nor EC of one of `curves`, or is not for signatures. Raises ValueError where `document` is no
    JWK set.
    """
    listed: Any = cast(dict[str, Any], document).get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("not a JWK set")  # noqa: TRY004  # content, not a programmer's error
    found: dict[str, Key] = {}
    for one in cast(list[Any], listed)[:_MOST_KEYS]:
        try:
            key = import_key(one)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
        if _is_strong(key, curves) and isinstance(key.kid, str) and one.get("use", "sig") == "sig":
            found[key.kid] = key
    return found


def _is_strong(key: Key, curves: Collection[str]) -> bool:
    if isinstance(key, ECKey):
        return key.curve_name in curves
    return isinstance(key, RSAKey) and key.public_key.key_size >= LEAST_RSA_BITS


@dataclass(slots=True)
class _Fetched:
    """What stood at one address; times are monotonic seconds."""

    keys: Mapping[str, Key] = field(default_factory=dict[str, Key])
    fetched_at: float = float("-inf")
    tried_at: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class PublishedKeys:
    """Keys by address. A set is read again after 15 minutes, and at once for a kid that it lacks, but no
    address more often than every 30 s: whoever invents kids makes us call nobody faster. While an address
    does not answer, what was read there last holds for a day.

    Only https and the public network are called, unless `private_addresses` lets others be.
    """

    def __init__(
        self, clock: Clock, *, private_addresses: bool = False, curves: Collection[str] = (CURVE,)
    ) -> None:
        self._clock = clock
        self._private_addresses = private_addresses
        self._curves = curves
        self._fetched: dict[str, _Fetched] = {}

    async def find(self, url: str, kid: str) -> Key | None:
        """The key `kid` that is published at `url`, None where there is none."""
        known = self._fetched.setdefault(url, _Fetched())
        if self._wants_refresh(known, kid):
            async with known.lock:  # one call for all who wait
                if self._wants_refresh(known, kid):
                    await self._refresh(url, known)
        too_old = self._clock.monotonic() - known.fetched_at > KEPT_SECONDS
        return None if too_old else known.keys.get(kid)

    def _wants_refresh(self, known: _Fetched, kid: str) -> bool:
        now = self._clock.monotonic()
        if now - known.tried_at < REFRESH_EVERY_SECONDS:
            return False
        return kid not in known.keys or now - known.fetched_at > FRESH_SECONDS

    async def _refresh(self, url: str, known: _Fetched) -> None:
        known.tried_at = self._clock.monotonic()
        try:
            if not self._private_addresses:
                check_public_url(url)
            resolver = None if self._private_addresses else PublicResolver()
            async with http.session(total_seconds=FETCH_SECONDS, resolver=resolver) as client:
                answer = await http.call(client, "GET", url, headers={"Accept": "application/json"})
            if answer.status != 200 or answer.truncated:
                _log.warning("key-set.unreadable", status=answer.status)
                return
            known.keys = public_keys(orjson.loads(answer.body), self._curves)
            known.fetched_at = self._clock.monotonic()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            _log.warning("key-set.unreadable", error=type(error).__name__)
