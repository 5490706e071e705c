"""Verifies tokens locally, and remembers those that it has verified: an ES256 check is dear."""

from collections import OrderedDict
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, cast

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import CompactSignature

from service_runtime.caller import KINDS, Act, Caller, Kind
from service_runtime.clock import Clock, SystemClock
from service_runtime.scopes import permissions
from service_runtime.tokens.keys import ALGORITHM, KeyFileError, changed_at, read_keys
from service_runtime.web.problems import Problem

LONGEST_TOKEN = 8192
LOOK_EVERY_SECONDS = 1.0
CHALLENGE = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class Verified(NamedTuple):
    """What a valid token says, and when it ends, in seconds since 1970."""

    expires: float
    caller: Caller


class TokenVerifier:
    """Checks signature, expiry and claims against the JWK set in `jwks_file`.

    The file is read again when it has changed: at most once a second, and at once for a key id that is not
    in the set. So a rotated key needs no restart, and neither does one that was dropped. `audience` is our
    own name, where tokens may carry one; a token for somebody else is refused. `leeway` is the seconds that
    clocks may differ; `remember` how many verified tokens are kept.
    """

    def __init__(
        self,
        jwks_file: Path,
        *,
        audience: str | None = None,
        clock: Clock | None = None,
        leeway: float = 5,
        remember: int = 4096,
    ) -> None:
        self._file = jwks_file
        self._read_at = 0
        self._look_at = 0.0
        self._keys = self._read()
        self._audience = audience
        self._clock = clock or SystemClock()
        self._leeway = leeway
        self._remember = remember
        self._verified: OrderedDict[bytes, Verified] = OrderedDict()

    def verify(self, token: str) -> Caller:
        """The caller that `token` names. Raises Problem `token-expired`, otherwise `token-invalid`."""
        return self.verified(token).caller

    def verified(self, token: str) -> Verified:
        """As `verify`, with the token's end."""
        self._look()
        now = self._clock.now().timestamp()
        digest = sha256(token.encode("utf-8", "surrogateescape")).digest()
        known = self._verified.get(digest)
        if known is None:
            known = self._check(token, now)
            self._verified[digest] = known
            if len(self._verified) > self._remember:
                self._verified.popitem(last=False)
        if now >= known.expires + self._leeway:
            self._verified.pop(digest, None)
            raise Problem("token-expired", headers=CHALLENGE)
        return known

    def _check(self, token: str, now: float) -> Verified:
        claims = self._signed_claims(token)
        expires, begins = seconds_of(claims.get("exp")), seconds_of(claims.get("nbf", 0))
        if begins > now + self._leeway or not self._is_for_us(claims.get("aud")):
            raise invalid_token()
        if now >= expires + self._leeway:
            raise Problem("token-expired", headers=CHALLENGE)
        return Verified(expires, _caller(claims))

    def _signed_claims(self, token: str) -> dict[str, Any]:
        if len(token) > LONGEST_TOKEN:
            raise invalid_token()
        try:
            return jwt.decode(token, self._key_for, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError, TypeError, KeyError):
            raise invalid_token() from None

    def _key_for(self, signature: Any) -> Any:
        kid = cast(CompactSignature, signature).headers().get("kid")
        if not isinstance(kid, str):
            raise InvalidKeyIdError
        if all(key.kid != kid for key in self._keys):
            self._keys = self._read()
        return self._keys.get_by_kid(kid)

    def _read(self) -> KeySet:
        at = changed_at(self._file)
        if at and at == self._read_at:
            return self._keys
        keys = read_keys(self._file)
        self._read_at = at
        return keys

    def _look(self) -> None:
        """Forget what was verified with keys that are gone."""
        now = self._clock.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY_SECONDS
        if changed_at(self._file) not in {0, self._read_at}:
            with suppress(KeyFileError):
                self._keys = self._read()
                self._verified.clear()

    def _is_for_us(self, audience: object) -> bool:
        if audience is None:
            return True
        names = cast(list[object], audience) if isinstance(audience, list) else [audience]
        return self._audience is not None and self._audience in names


def _caller(claims: dict[str, Any]) -> Caller:
    client_id, kind, scope, jti = (claims.get(name) for name in ("client_id", "kind", "scope", "jti"))
    issued = seconds_of(claims.get("iat", 0))
    if not (isinstance(client_id, str) and client_id and isinstance(jti, str) and jti):
        raise invalid_token()
    if not isinstance(scope, str) or not isinstance(kind, str) or kind not in KINDS:
        raise invalid_token()
    return Caller(client_id, cast(Kind, kind), permissions(scope), _act(claims.get("act"), kind), jti, issued)


def _act(value: object, kind: object) -> Act | None:
    if value is None:
        return None
    if not isinstance(value, dict) or kind != "service":
        raise invalid_token()
    fields = cast(dict[str, object], value)
    provider, task, session = (fields.get(name) for name in ("provider", "task", "session"))
    if not (isinstance(provider, str) and isinstance(task, str) and isinstance(session, str)):
        raise invalid_token()
    if not (provider and task and session):
        raise invalid_token()
    return Act(provider, task, session)


def seconds_of(value: object) -> float:
    """A claim that is a time, in seconds since 1970. Raises Problem `token-invalid` on anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_token()
    return value


def invalid_token() -> Problem:
    """The refusal of a token that proves nothing."""
    return Problem("token-invalid", headers=CHALLENGE)
