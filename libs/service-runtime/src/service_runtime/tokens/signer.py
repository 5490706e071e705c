"""Makes tokens, for our own clients and for the EHRs that the collector writes to."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import Key

from service_runtime.caller import Act, Kind
from service_runtime.clock import Clock, SystemClock
from service_runtime.ids import new_id
from service_runtime.tokens.keys import ALGORITHM, KeyFileError, changed_at, read_keys


class TokenSigner:
    """Signs with the newest key of `key_file`, which is read again when it has changed: a rotated key needs
    no restart. Raises KeyFileError where the file cannot be read at the start; later the last key holds.
    """

    def __init__(self, key_file: Path, *, clock: Clock | None = None) -> None:
        self._file = key_file
        self._read_at = changed_at(key_file)
        self._key: Key = read_keys(key_file).keys[0]
        self._clock = clock or SystemClock()

    def sign(
        self,
        *,
        client_id: str,
        kind: Kind,
        scope: str,
        seconds: float,
        act: Act | None = None,
        audience: str | None = None,
    ) -> str:
        """A compact JWT for `client_id`, valid for `seconds` from now, with a `jti` of its own.

        `scope` is space-separated. `audience` names a foreign system: our own services refuse such a token.
        """
        now, key = self._clock.now().timestamp(), self._newest()
        claims: dict[str, Any] = {
            "client_id": client_id,
            "sub": client_id,
            "kind": kind,
            "scope": scope,
            "iat": int(now),
            "exp": int(now + seconds),
            "jti": new_id(),
        }
        if act is not None:
            claims["act"] = {"provider": act.provider, "task": act.task, "session": act.session}
        if audience is not None:
            claims["aud"] = audience
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])

    def _newest(self) -> Key:
        at = changed_at(self._file)
        if at not in {0, self._read_at}:
            with suppress(KeyFileError):
                self._key = read_keys(self._file).keys[0]
                self._read_at = at
        return self._key
