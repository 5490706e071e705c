"""The installation's key files: a private JWK set that signs, and the public one that verifies (RFC 7517)."""

from pathlib import Path
from typing import Any, NamedTuple

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from service_runtime.private_files import write_private

ALGORITHM = "ES256"


class KeyFileError(Exception):
    """A key file is missing or is not a JWK set; the text names the file."""


class TokenKeys(NamedTuple):
    """Where the two halves are."""

    private: Path
    public: Path


def generate_keys(folder: Path) -> TokenKeys:
    """Make `keys.json` (mode 0600) and `jwks.json` in `folder`; keys that are already there stay."""
    files = TokenKeys(folder / "keys.json", folder / "jwks.json")
    keys = read_keys(files.private) if files.private.exists() else KeySet([_new_key()])
    _write(files, keys)
    return files


def rotate_keys(folder: Path) -> TokenKeys:
    """Put a new key before the others: it signs from now on, while tokens of the older ones stay valid."""
    files = TokenKeys(folder / "keys.json", folder / "jwks.json")
    _write(files, KeySet([_new_key(), *read_keys(files.private).keys]))
    return files


def drop_key(folder: Path, kid: str) -> TokenKeys:
    """Take the key `kid` away: what it has signed is worth nothing from now on. Raises KeyFileError where
    there is no such key, or where it is the one that signs.
    """
    files = TokenKeys(folder / "keys.json", folder / "jwks.json")
    keys = read_keys(files.private).keys
    if kid == keys[0].kid:
        raise KeyFileError(f"the key {kid} is the one that signs: rotate first")
    left = [key for key in keys if key.kid != kid]
    if len(left) == len(keys):
        raise KeyFileError(f"there is no key {kid} in {files.private}")
    _write(files, KeySet(left))
    return files


def read_keys(path: Path) -> KeySet:
    """The JWK set in `path`. Raises KeyFileError with one line that names the file."""
    try:
        return KeySet.import_key_set(orjson.loads(path.read_bytes()))
    except OSError as error:
        raise KeyFileError(f"cannot read the key file {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, JoseError):
        raise KeyFileError(f"the key file {path} is not a JWK set") from None


def changed_at(path: Path) -> int:
    """When the file was last changed, in nanoseconds since 1970; 0 where that cannot be told."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _new_key() -> ECKey:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM})
    key.ensure_kid()
    return key


def _write(files: TokenKeys, keys: KeySet) -> None:
    private: Any = keys.as_dict(private=True)
    public: Any = keys.as_dict(private=False)
    # The public half first: whoever gets a token of a new key finds the key.
    write_private(files.public, orjson.dumps(public, option=orjson.OPT_INDENT_2))
    files.public.chmod(0o644)
    write_private(files.private, orjson.dumps(private, option=orjson.OPT_INDENT_2))
