"""Which tokens are taken, and why each other one is refused."""

import stat
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey
from service_runtime.caller import Act
from service_runtime.tokens import TokenKeys, TokenSigner, TokenVerifier, drop_key, generate_keys, rotate_keys
from service_runtime.tokens.keys import KeyFileError, read_keys
from service_runtime.web.problems import Problem
from support.clocks import StandingClock

OURS = "https://lahetti.example.org"


@pytest.fixture
def keys(tmp_path: Path) -> TokenKeys:
    return generate_keys(tmp_path)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def verifier(keys: TokenKeys, clock: StandingClock) -> TokenVerifier:
    return TokenVerifier(keys.public, audience=OURS, clock=clock)


@pytest.fixture
def signer(keys: TokenKeys, clock: StandingClock) -> TokenSigner:
    return TokenSigner(keys.private, clock=clock)


def claims(clock: StandingClock, **changes: Any) -> dict[str, Any]:
    now = clock.now().timestamp()
    whole = {
        "client_id": "ehr-1",
        "kind": "ehr",
        "scope": "system/Task.r",
        "jti": "1",
        "exp": now + 60,
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def signed(keys: TokenKeys, content: dict[str, Any]) -> str:
    key = read_keys(keys.private).keys[0]
    return jwt.encode({"alg": "ES256", "kid": key.kid}, content, key)


def refusal(verifier: TokenVerifier, token: str) -> str:
    with pytest.raises(Problem) as refused:
        verifier.verify(token)
    assert refused.value.http_status == 401
    assert refused.value.headers["WWW-Authenticate"].startswith("Bearer")
    return refused.value.slug


def test_a_token_says_who_calls_and_what_it_may(verifier: TokenVerifier, signer: TokenSigner) -> None:
    act = Act("liikunta", "task-1", "session-1")
    token = signer.sign(
        client_id="collector", kind="service", scope="system/Task.rsu lahetti/links.c", seconds=60, act=act
    )
    caller = verifier.verify(token)
    assert (caller.client_id, caller.kind, caller.act) == ("collector", "service", act)
    assert caller.scopes == {"system/Task.r", "system/Task.s", "system/Task.u", "lahetti/links.c"}
    assert caller.jti


def test_two_tokens_never_share_an_id(verifier: TokenVerifier, signer: TokenSigner) -> None:
    first, second = (signer.sign(client_id="a", kind="ehr", scope="", seconds=9) for _ in range(2))
    assert verifier.verify(first).jti != verifier.verify(second).jti


def test_an_expired_token_is_refused_as_expired(
    verifier: TokenVerifier, signer: TokenSigner, clock: StandingClock
) -> None:
    token = signer.sign(client_id="a", kind="ehr", scope="", seconds=60)
    clock.move(66)
    assert refusal(verifier, token) == "token-expired"


def test_a_token_expires_although_it_was_verified_before(
    verifier: TokenVerifier, signer: TokenSigner, clock: StandingClock
) -> None:
    """INVARIANT: what is remembered never outlives the token; a cache without expiry would break it."""
    token = signer.sign(client_id="a", kind="ehr", scope="", seconds=60)
    verifier.verify(token)
    clock.move(64)
    verifier.verify(token)
    clock.move(2)
    assert refusal(verifier, token) == "token-expired"
    assert refusal(verifier, token) == "token-expired"


def test_more_tokens_than_are_remembered_are_still_taken(keys: TokenKeys, signer: TokenSigner) -> None:
    verifier = TokenVerifier(keys.public, clock=StandingClock(), remember=2)
    tokens = [signer.sign(client_id=str(n), kind="ehr", scope="", seconds=60) for n in range(5)]
    assert [verifier.verify(token).client_id for token in tokens * 2] == ["0", "1", "2", "3", "4"] * 2


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": ""},
        {"client_id": 7},
        {"kind": None},
        {"kind": "admin"},
        {"kind": ["ehr"]},
        {"scope": None},
        {"scope": ["system/Task.r"]},
        {"jti": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"nbf": 9_999_999_999},
        {"aud": "https://ehr.example.org/fhir"},
        {"aud": ["https://ehr.example.org/fhir"]},
        {"aud": {"name": OURS}},
        {"act": "liikunta"},
        {"kind": "service", "act": {"provider": "liikunta", "task": "t"}},
        {"kind": "service", "act": {"provider": "", "task": "t", "session": "s"}},
        {"kind": "ehr", "act": {"provider": "liikunta", "task": "t", "session": "s"}},
    ],
)
def test_a_signed_token_with_wrong_claims_is_refused(
    verifier: TokenVerifier, keys: TokenKeys, clock: StandingClock, changes: dict[str, Any]
) -> None:
    assert refusal(verifier, signed(keys, claims(clock, **changes))) == "token-invalid"


def test_a_token_for_us_by_name_is_taken(verifier: TokenVerifier, signer: TokenSigner) -> None:
    assert verifier.verify(signer.sign(client_id="a", kind="ehr", scope="", seconds=60, audience=OURS))


def test_a_foreign_signature_is_refused_even_under_our_key_id(
    verifier: TokenVerifier, keys: TokenKeys, clock: StandingClock
) -> None:
    kid = read_keys(keys.private).keys[0].kid
    stranger = ECKey.generate_key("P-256", {"kid": kid})
    assert (
        refusal(verifier, jwt.encode({"alg": "ES256", "kid": kid}, claims(clock), stranger))
        == "token-invalid"
    )


def test_a_changed_token_is_refused(verifier: TokenVerifier, keys: TokenKeys, clock: StandingClock) -> None:
    head, _, signature = signed(keys, claims(clock)).split(".")
    _, body, _ = signed(keys, claims(clock, scope="lahetti/county.w")).split(".")
    assert refusal(verifier, f"{head}.{body}.{signature}") == "token-invalid"


def test_another_algorithm_is_refused(verifier: TokenVerifier, keys: TokenKeys, clock: StandingClock) -> None:
    """The public key is no secret: were HS256 taken, anybody could sign with it."""
    kid = read_keys(keys.private).keys[0].kid
    forged = jwt.encode(
        {"alg": "HS256", "kid": kid}, claims(clock), OctKey.import_key(keys.public.read_bytes())
    )
    assert refusal(verifier, forged) == "token-invalid"
    unsigned = "eyJhbGciOiJub25lIn0." + forged.split(".")[1] + "."
    assert refusal(verifier, unsigned) == "token-invalid"


def test_a_token_without_key_id_is_refused(
    verifier: TokenVerifier, keys: TokenKeys, clock: StandingClock
) -> None:
    key = read_keys(keys.private).keys[0]
    assert refusal(verifier, jwt.encode({"alg": "ES256"}, claims(clock), key)) == "token-invalid"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "..", "é.é.é", "\udce4", "a" * 9000, "e30.e30.e30"])
def test_what_is_no_token_is_refused(verifier: TokenVerifier, token: str) -> None:
    assert refusal(verifier, token) == "token-invalid"


def test_a_rotated_key_signs_at_once_and_the_old_one_still_counts(
    keys: TokenKeys, verifier: TokenVerifier, signer: TokenSigner, clock: StandingClock
) -> None:
    before = signer.sign(client_id="old", kind="ehr", scope="", seconds=60)
    rotate_keys(keys.private.parent)
    after = TokenSigner(keys.private, clock=clock).sign(client_id="new", kind="ehr", scope="", seconds=60)
    assert [verifier.verify(token).client_id for token in (before, after)] == ["old", "new"]


def test_whoever_runs_goes_on_with_a_rotated_key_and_without_a_dropped_one(
    keys: TokenKeys, verifier: TokenVerifier, signer: TokenSigner, clock: StandingClock
) -> None:
    before = signer.sign(client_id="old", kind="ehr", scope="", seconds=3600)
    old = read_keys(keys.private).keys[0].kid
    assert verifier.verify(before).client_id == "old"
    rotate_keys(keys.private.parent)
    after = signer.sign(client_id="new", kind="ehr", scope="", seconds=3600)
    assert jws.extract_compact(after.encode()).headers()["kid"] != old, (
        "the same signer signs with the new key"
    )
    assert [verifier.verify(token).client_id for token in (before, after)] == ["old", "new"]
    drop_key(keys.private.parent, str(old))
    clock.move(1)
    assert refusal(verifier, before) == "token-invalid"
    assert verifier.verify(after).client_id == "new"


def test_the_key_that_signs_and_one_that_is_not_there_are_not_dropped(keys: TokenKeys) -> None:
    before = keys.private.read_bytes()
    for kid in (str(read_keys(keys.private).keys[0].kid), "nobody's"):
        with pytest.raises(KeyFileError, match=kid):
            drop_key(keys.private.parent, kid)
    assert keys.private.read_bytes() == before


def test_while_a_key_file_cannot_be_read_the_last_keys_hold(
    keys: TokenKeys, verifier: TokenVerifier, signer: TokenSigner, clock: StandingClock
) -> None:
    keys.private.write_bytes(b"half")
    keys.public.write_bytes(b"half")
    clock.move(2)
    token = signer.sign(client_id="same", kind="ehr", scope="", seconds=60)
    assert verifier.verify(token).client_id == "same"


def test_the_private_file_is_its_owners_and_the_public_one_holds_no_private_part(keys: TokenKeys) -> None:
    assert stat.S_IMODE(keys.private.stat().st_mode) == 0o600
    public = KeySet.import_key_set(read_keys(keys.public).as_dict())
    assert not any(key.is_private for key in public)
    assert b'"d"' not in keys.public.read_bytes()


def test_making_keys_again_keeps_them(keys: TokenKeys) -> None:
    before = keys.private.read_bytes()
    assert generate_keys(keys.private.parent) == keys
    assert keys.private.read_bytes() == before


@pytest.mark.parametrize("content", [None, b"", b"{}", b"not json", b'{"keys": []}'])
def test_a_key_file_that_cannot_be_used_is_named_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "keys.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(KeyFileError, match=str(path)) as refused:
        TokenSigner(path)
    assert "\n" not in str(refused.value)
