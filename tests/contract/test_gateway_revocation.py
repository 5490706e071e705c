"""Tokens taken back by the client itself (RFC 7009), and the limit of attempts, at the gateway."""

from typing import Any

import httpx
import orjson
import pytest
from service_runtime.tokens import TokenSigner
from service_runtime.tokens.bars import of_token
from service_runtime.tokens.verifier import TokenVerifier
from support.gateway import BASE, Gateway, gateway, gateway_database, issues, migrated_file, migrated_postgres
from support.gateway_county import EHR, OTHER_EHR, county_files
from support.smart_client import ASSERTION_TYPE, SmartClient, key_set, new_key

__all__ = ["gateway", "gateway_database", "migrated_file", "migrated_postgres"]

KEYS = {EHR: new_key("ES384", "writing"), OTHER_EHR: new_key("ES384", "polling")}
READABLE = "/fhir/Organization/kotka"


@pytest.fixture(autouse=True)
async def both_have_keys(gateway: Gateway) -> None:
    files = county_files()
    clients = orjson.loads(files["clients.yaml"])
    for one in clients["clients"]:
        one["jwks"] = key_set(KEYS[one["id"]])
    loaded = await gateway.load_county(files | {"clients.yaml": orjson.dumps(clients).decode()})
    assert loaded.status_code == 200, loaded.text


def smart(gateway: Gateway, client: str = OTHER_EHR) -> SmartClient:
    now = gateway.clock.now().timestamp()
    return SmartClient(gateway.http, client, KEYS[client], f"{BASE}/oauth/token", now, "ES384")


async def take_back(gateway: Gateway, token: str, client: str = OTHER_EHR, **form: Any) -> httpx.Response:
    """The revocation endpoint's answer to `client`; a second later all have looked."""
    sent = {
        "token": token,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": smart(gateway, client).assertion(),
    } | form
    answer = await gateway.http.post("/oauth/revoke", data=sent)
    gateway.clock.move(1)
    return answer


async def read(gateway: Gateway, token: str) -> httpx.Response:
    return await gateway.http.get(READABLE, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
async def token(gateway: Gateway) -> str:
    answer = await smart(gateway).ask(scope="system/*.rs")
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


async def test_a_token_that_its_client_takes_back_is_refused_and_no_other(
    gateway: Gateway, token: str
) -> None:
    other = (await smart(gateway).ask(scope="system/*.rs")).json()["access_token"]
    assert (await read(gateway, token)).status_code == 200
    done = await take_back(gateway, token)
    assert (done.status_code, done.json()) == (200, {})
    refused = await read(gateway, token)
    assert (refused.status_code, issues(refused)) == (401, [("token-revoked", None)])
    assert (await read(gateway, other)).status_code == 200
    jti = TokenVerifier(gateway.jwks_file, clock=gateway.clock).verify(token).jti
    [told] = await gateway.told("access.changed")
    assert told["name"] == of_token(jti)
    assert told["until"] is not None, "it is forgotten once the token has expired anyway"


async def test_the_endpoint_is_published_and_may_be_the_assertion_s_audience(
    gateway: Gateway, token: str
) -> None:
    found = (await gateway.http.get("/fhir/.well-known/smart-configuration")).json()
    assert found["revocation_endpoint"] == f"{BASE}/oauth/revoke"
    named = smart(gateway).assertion(aud=found["revocation_endpoint"])
    assert (await take_back(gateway, token, client_assertion=named)).status_code == 200
    assert (await read(gateway, token)).status_code == 401
    foreign = smart(gateway).assertion(aud=found["revocation_endpoint"])
    assert (await smart(gateway).ask(foreign)).status_code == 401, "it gives no token"


async def test_a_token_made_by_hand_is_taken_back_by_the_client_that_it_was_made_for(
    gateway: Gateway, tmp_path: Any
) -> None:
    signer = TokenSigner(tmp_path / "keys" / "keys.json", clock=gateway.clock)
    by_hand = signer.sign(client_id=OTHER_EHR, kind="ehr", scope="system/Organization.r", seconds=90 * 86400)
    assert (await take_back(gateway, by_hand)).status_code == 200
    assert (await read(gateway, by_hand)).status_code == 401


async def test_somebody_else_s_token_is_not_taken_back(gateway: Gateway, token: str) -> None:
    answer = await take_back(gateway, token, EHR)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
    assert (await read(gateway, token)).status_code == 200


@pytest.mark.parametrize("nothing", ["nonsense", "a.b.c", "\u00e9"])
async def test_what_is_no_valid_token_needs_no_revocation(gateway: Gateway, nothing: str) -> None:
    before = await gateway.counts("inbox")
    assert (await take_back(gateway, nothing)).status_code == 200
    assert await gateway.counts("inbox") == before


async def test_an_expired_token_leaves_nothing_behind(gateway: Gateway, token: str) -> None:
    gateway.clock.move(400)
    before = await gateway.counts("inbox")
    assert (await take_back(gateway, token)).status_code == 200
    assert await gateway.counts("inbox") == before


@pytest.mark.parametrize(
    ("form", "error", "status"),
    [
        ({"token": ""}, "invalid_request", 400),
        ({"client_assertion": ""}, "invalid_client", 401),
        ({"client_assertion": "a.b.c"}, "invalid_client", 401),
        ({"client_assertion_type": "password"}, "invalid_client", 401),
    ],
)
async def test_nobody_takes_a_token_back_without_proof(
    gateway: Gateway, token: str, form: dict[str, str], error: str, status: int
) -> None:
    answer = await take_back(
        gateway, form.get("token", token), **{n: v for n, v in form.items() if n != "token"}
    )
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert (await read(gateway, token)).status_code == 200


async def test_a_flood_of_attempts_in_one_name_is_stopped_and_slows_nobody_else(gateway: Gateway) -> None:
    flooding = smart(gateway).assertion(key=new_key("ES384", kid="invented"))
    for _ in range(300):
        assert (await smart(gateway).ask(flooding)).status_code == 401
    stopped = await smart(gateway).ask()
    assert (stopped.status_code, stopped.headers["retry-after"]) == (429, "60")
    assert stopped.json()["error"] == "temporarily_unavailable"
    assert (await smart(gateway, EHR).ask()).status_code == 200
