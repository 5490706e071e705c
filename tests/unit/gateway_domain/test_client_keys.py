"""The keys of EHR clients in a county's folder: what is taken, and what is refused with a remedy."""

from typing import Any

import orjson
import pytest
from referral_contracts import usual_scopes
from referral_gateway.adapters.county_reading import read_county
from referral_gateway.domain.county import CountyError, EhrClient
from support.gateway_county import OTHER_EHR, county_files
from support.smart_client import key_set, new_key

KEY = new_key("ES384", "one")
ADDRESS = "https://ehr.example.org/keys"


def read(**said: Any) -> EhrClient:
    """The polling EHR of a county in which more is said of it."""
    files = county_files()
    clients = orjson.loads(files["clients.yaml"])
    clients["clients"][1] |= said
    files["clients.yaml"] = orjson.dumps(clients).decode()
    return read_county(files).clients[OTHER_EHR]


def test_a_client_without_keys_is_as_it_always_was() -> None:
    client = read()
    assert client.access is None
    assert client.active


def test_keys_are_given_or_at_an_address_and_scopes_have_a_usual_value() -> None:
    given, at = read(jwks=key_set(KEY)).access, read(jwks_url=ADDRESS, scopes=["system/Task.rs"]).access
    assert given is not None
    assert at is not None
    assert (given.jwks_url, set(given.keys), given.scope) == (None, {KEY.kid}, usual_scopes.EHR)
    assert (at.jwks_url, at.keys, at.scope) == (ADDRESS, {}, "system/Task.rs")


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"jwks_url": ADDRESS, "jwks": key_set(KEY)}, "jwks"),
        ({"jwks_url": "http://ehr.example.org/keys"}, "jwks_url"),
        ({"jwks_url": "https://user:word@ehr.example.org/keys"}, "jwks_url"),
        ({"jwks": {"keys": []}}, "jwks.keys"),
        ({"jwks": {"keys": [KEY.as_dict(private=True)]}}, "jwks.keys[0].d"),
        ({"jwks": {"keys": [{"kty": "EC", "kid": "one"}]}}, "jwks"),
        ({"jwks": {"keys": [{"kty": "oct", "kid": "one", "k": "AAAA"}]}}, "jwks.keys[0].k"),
        ({"jwks": key_set(KEY, new_key("ES384", "one"))}, "jwks"),
        ({"scopes": ["system/*.rs"]}, "scopes[0]"),
        ({"scopes": ["lahetti/cases.r"]}, "scopes[0]"),
        ({"active": "no"}, "active"),
    ],
)
def test_what_cannot_be_used_is_refused_at_its_place(said: dict[str, Any], place: str) -> None:
    with pytest.raises(CountyError) as refused:
        read(**said)
    problems = refused.value.problems
    assert all(one.problem and one.remedy and one.file == "clients.yaml" for one in problems)
    places = {one.place for one in problems}
    assert f"clients[1].{place}" in places, places
