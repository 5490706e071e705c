"""Client assertions: a JWT by which a client proves who it is (RFC 7523, SMART Backend Services)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key

ALGORITHMS = ("RS384", "ES384")
LONGEST_ASSERTION = 8192
MOST_SECONDS_AHEAD = 300
LEEWAY_SECONDS = 5
_LONGEST_ID = 200


class AssertionRefusedError(Exception):
    """The assertion proves nothing; `reason` is a constant slug that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a client says of itself. Nothing of it is true before `prove`."""

    text: str
    client_id: str
    algorithm: str
    kid: str
    jti: str
    expires: float
    """Seconds since 1970."""
    key_set_url: str | None
    """The header `jku`, where there is one."""


def read_assertion(text: str, *, audiences: Collection[str], now: float) -> Assertion:
    """What `text` says, where all that can be checked without a key is right; it must be meant for one of
    `audiences`, `now` is in seconds since 1970.

    Raises AssertionRefusedError: `malformed`, `algorithm`, `no-kid`, `issuer`, `audience`, `no-jti`,
    `expired`, `too-long` (more than 5 minutes ahead) or `not-yet`.
    """
    header, claims = _parts(text)
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise AssertionRefusedError("algorithm")
    kid = _short(header.get("kid"), "no-kid")
    client_id = _short(claims.get("iss"), "issuer")
    if claims.get("sub") != client_id:
        raise AssertionRefusedError("issuer")
    named = claims.get("aud")
    if not any(
        one in audiences for one in (cast(list[object], named) if isinstance(named, list) else [named])
    ):
        raise AssertionRefusedError("audience")
    jti = _short(claims.get("jti"), "no-jti")
    expires = _checked_times(claims, now)
    key_set_url = header.get("jku")
    if key_set_url is not None and not isinstance(key_set_url, str):
        raise AssertionRefusedError("malformed")
    return Assertion(text, client_id, str(algorithm), kid, jti, expires, key_set_url)


def prove(assertion: Assertion, key: Key) -> None:
    """Raise AssertionRefusedError `signature` where `key` did not sign the assertion with its algorithm."""
    try:
        jws.deserialize_compact(assertion.text, key, algorithms=[assertion.algorithm])
    except (JoseError, ValueError, TypeError, KeyError):
        raise AssertionRefusedError("signature") from None


def _parts(text: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    if len(text) > LONGEST_ASSERTION:
        raise AssertionRefusedError("malformed")
    try:
        signature = jws.extract_compact(text.encode("ascii"))
        header, claims = signature.headers(), orjson.loads(signature.payload)
    except (JoseError, ValueError, TypeError, KeyError):
        raise AssertionRefusedError("malformed") from None
    if not isinstance(claims, dict):
        raise AssertionRefusedError("malformed")
    return header, cast(dict[str, Any], claims)


def _checked_times(claims: Mapping[str, Any], now: float) -> float:
    expires, begins = _seconds(claims.get("exp")), _seconds(claims.get("nbf", 0))
    if now >= expires + LEEWAY_SECONDS:
        raise AssertionRefusedError("expired")
    if expires > now + MOST_SECONDS_AHEAD + LEEWAY_SECONDS:
        raise AssertionRefusedError("too-long")
    if begins > now + LEEWAY_SECONDS:
        raise AssertionRefusedError("not-yet")
    return expires


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AssertionRefusedError("malformed")
    return value


def _short(value: object, reason: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        raise AssertionRefusedError(reason)
    return value
