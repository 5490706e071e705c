"""Secrets are sealed, open only for what they belong to, and outlive a change of keys."""

import os
import stat
from pathlib import Path

import orjson
import pytest
from service_runtime.secret_box import (
    AesGcmSecretBox,
    SealBrokenError,
    SecretKeyFileError,
    UnresolvedReferenceError,
    generate_secret_keys,
    resolve_reference,
    rotate_secret_keys,
)

SECRET = b"whsec_c2VjcmV0IG9mIGFuIGludmVudGVkIGVuZHBvaW50"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "secret-keys.json"
    generate_secret_keys(path)
    return path


def test_what_is_sealed_opens_again_and_shows_nothing(path: Path) -> None:
    box = AesGcmSecretBox(path)
    first, second = (box.seal(SECRET, about="endpoint-1") for _ in range(2))
    assert first != second
    assert SECRET not in first
    assert box.open(first, about="endpoint-1") == SECRET


def test_a_seal_opens_for_nothing_else(path: Path) -> None:
    """INVARIANT: a row copied to another endpoint does not hand over its secret."""
    box = AesGcmSecretBox(path)
    with pytest.raises(SealBrokenError):
        box.open(box.seal(SECRET, about="endpoint-1"), about="endpoint-2")


@pytest.mark.parametrize("place", [0, 8, 20, -1])
def test_a_changed_byte_breaks_the_seal(path: Path, place: int) -> None:
    box = AesGcmSecretBox(path)
    sealed = bytearray(box.seal(SECRET))
    sealed[place] ^= 1
    with pytest.raises(SealBrokenError):
        box.open(bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"short", b"\0" * 60])
def test_what_was_never_sealed_does_not_open(path: Path, sealed: bytes) -> None:
    with pytest.raises(SealBrokenError):
        AesGcmSecretBox(path).open(sealed)


def test_after_a_rotation_the_new_key_seals_and_the_old_one_opens(path: Path) -> None:
    old = AesGcmSecretBox(path)
    sealed_before = old.seal(SECRET)
    rotate_secret_keys(path)
    new = AesGcmSecretBox(path)
    assert new.open(sealed_before) == SECRET
    with pytest.raises(SealBrokenError):
        old.open(new.seal(SECRET))


def test_the_key_file_is_its_owners_and_is_not_made_twice(path: Path) -> None:
    before = path.read_bytes()
    generate_secret_keys(path)
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "content", [None, b"", b"[]", b'{"keys": []}', b'{"keys": [{"id": "00", "key": "AA=="}]}']
)
def test_a_key_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "secret-keys.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SecretKeyFileError, match=str(path)):
        AesGcmSecretBox(path)


def test_a_key_of_another_length_is_refused(path: Path) -> None:
    keys = orjson.loads(path.read_bytes())
    keys["keys"][0]["key"] = "AAAA"
    path.write_bytes(orjson.dumps(keys))
    with pytest.raises(SecretKeyFileError):
        AesGcmSecretBox(path)


def test_references_lead_to_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMALL_SECRET", "from the environment")
    (tmp_path / "secret").write_bytes(b"from a file\n")
    assert resolve_reference("env:SMALL_SECRET") == b"from the environment"
    assert resolve_reference(f"file:{tmp_path}/secret") == b"from a file"


@pytest.mark.parametrize(
    "reference",
    ["env:NOT_SET_ANYWHERE", "file:/nowhere/secret", "file:relative", "whsec_abc", "env:", "", "http://x"],
)
def test_a_reference_that_leads_nowhere_is_refused_without_its_value(reference: str) -> None:
    assert "NOT_SET_ANYWHERE" not in os.environ
    with pytest.raises(UnresolvedReferenceError) as refused:
        resolve_reference(reference)
    assert "whsec" not in str(refused.value)


def test_an_empty_or_endless_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"\n")
    for place in (tmp_path / "empty", Path("/dev/zero")):
        with pytest.raises(UnresolvedReferenceError):
            resolve_reference(f"file:{place}")
