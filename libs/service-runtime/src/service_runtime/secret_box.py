"""Port `SecretBox`: secrets that are kept only sealed: AES-256-GCM, several keys so that they can change."""

import base64
import os
from pathlib import Path
from typing import NamedTuple, Protocol

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service_runtime.private_files import write_private

KEY_BYTES = 32
KEY_ID_BYTES = 8
NONCE_BYTES = 12
MOST_BYTES = 65_536


class SecretKeyFileError(Exception):
    """The file of keys is missing or cannot be understood; the text names the file."""


class SealBrokenError(Exception):
    """What should be opened was not sealed by a key of ours, or not for this purpose."""


class UnresolvedReferenceError(Exception):
    """A reference leads to nothing; the text names the variable or the file, never a value."""


class SecretBox(Protocol):
    """Seals and opens. `about` says what the secret belongs to (an endpoint's id): nothing else opens it."""

    def seal(self, plain: bytes, *, about: str = "") -> bytes:
        """`plain`, sealed with the newest key: key id, nonce, ciphertext."""
        ...

    def open(self, sealed: bytes, *, about: str = "") -> bytes:
        """What was sealed. Raises SealBrokenError."""
        ...


class _Key(NamedTuple):
    id: bytes
    cipher: AESGCM


class AesGcmSecretBox:
    """The box whose keys are in `key_file`, the newest first. Raises SecretKeyFileError without it."""

    def __init__(self, key_file: Path) -> None:
        self._keys = _read(key_file)

    def seal(self, plain: bytes, *, about: str = "") -> bytes:
        key, nonce = self._keys[0], os.urandom(NONCE_BYTES)
        return key.id + nonce + key.cipher.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, *, about: str = "") -> bytes:
        key_id, rest = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES:]
        for key in self._keys:
            if key.id == key_id and len(rest) > NONCE_BYTES:
                try:
                    return key.cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], about.encode())
                except InvalidTag:
                    break
        raise SealBrokenError("not sealed by a key of ours, or not for this")


def generate_secret_keys(path: Path) -> None:
    """Make the file of keys (mode 0600) with one key; a file that is already there stays."""
    if not path.exists():
        _write(path, [_new_key()])


def rotate_secret_keys(path: Path) -> None:
    """Put a new key before the others: it seals from now on, while the older ones still open."""
    _read(path)
    _write(path, [_new_key(), *orjson.loads(path.read_bytes())["keys"]])


def resolve_reference(reference: str) -> bytes:
    """The secret that `env:NAME` or `file:/path` leads to, without the line's end.

    Raises UnresolvedReferenceError where it leads to nothing, or `reference` is of no such form.
    """
    kind, _, place = reference.partition(":")
    if kind == "env" and place:
        value = os.environ.get(place, "").encode()
        missing = f"the environment variable {place} is not set"
    elif kind == "file" and place.startswith("/"):
        value, missing = _content(Path(place)), f"the file {place} cannot be read, is empty or too large"
    else:
        raise UnresolvedReferenceError("a reference is env:NAME or file:/path")
    if not value.strip():
        raise UnresolvedReferenceError(missing)
    return value.rstrip(b"\r\n")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError:
        return b""
    return content if len(content) <= MOST_BYTES else b""


def _new_key() -> dict[str, str]:
    key = base64.b64encode(os.urandom(KEY_BYTES)).decode()
    return {"id": os.urandom(KEY_ID_BYTES).hex(), "key": key}


def _write(path: Path, keys: list[dict[str, str]]) -> None:
    write_private(path, orjson.dumps({"keys": keys}, option=orjson.OPT_INDENT_2))


def _read(path: Path) -> list[_Key]:
    try:
        entries = orjson.loads(path.read_bytes())["keys"]
        keys = [_Key(bytes.fromhex(entry["id"]), AESGCM(base64.b64decode(entry["key"]))) for entry in entries]
    except OSError as error:
        raise SecretKeyFileError(f"cannot read the key file {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise SecretKeyFileError(f"the key file {path} is not a file of secret keys") from None
    if not keys or any(len(key.id) != KEY_ID_BYTES for key in keys):
        raise SecretKeyFileError(f"the key file {path} holds no key")
    return keys
