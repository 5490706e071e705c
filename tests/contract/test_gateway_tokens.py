"""SMART Backend Services at the gateway: who gets a token, and why everybody else does not."""

from io import StringIO

import orjson
import pytest
from joserfc.jwk import Key
from service_runtime import logs
from support.gateway import BASE, Gateway, bundle, gateway, gateway_database, migrated_file, migrated_postgres
from support.gateway_county import OTHER_EHR, county_files
from support.smart_client import ASSERTION_TYPE, SmartClient, key_set, new_key

__all__ = ["gateway", "gateway_database", "migrated_file", "migrated_postgres"]

AUDIENCE = f"{BASE}/oauth/token"
KEYS = {algorithm: new_key(algorithm) for algorithm in ("RS384", "ES384")}
ALLOWED = ["system/Bundle.c", "system/Task.rsu", "system/ServiceRequest.ru"]


async def register(gateway: Gateway, **said: object) -> None:
    """Load the county with another clients.yaml, in which the polling EHR has keys."""
    files = county_files()
    clients = orjson.loads(files["clients.yaml"])
    clients["clients"][1] |= {"jwks": key_set(*KEYS.values()), "scopes": ALLOWED} | said
    files["clients.yaml"] = orjson.dumps(clients).decode()
    answer = await gateway.load_county(files)
    assert answer.status_code == 200, answer.text


def client_of(gateway: Gateway, algorithm: str = "ES384", key: Key | None = None) -> SmartClient:
    now = gateway.clock.now().timestamp()
    return SmartClient(gateway.http, OTHER_EHR, key or KEYS[algorithm], AUDIENCE, now, algorithm)


@pytest.fixture
async def client(gateway: Gateway) -> SmartClient:
    await register(gateway)
    return client_of(gateway)


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
async def test_an_ordinary_client_finds_the_endpoint_gets_a_token_and_posts_a_referral(
    gateway: Gateway, algorithm: str
) -> None:
    await register(gateway)
    found = (await gateway.http.get("/fhir/.well-known/smart-configuration")).json()
    assert found["token_endpoint"] == AUDIENCE
    assert algorithm in found["token_endpoint_auth_signing_alg_values_supported"]
    answer = await client_of(gateway, algorithm).ask()
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert said["token_type"] == "bearer"
    assert said["expires_in"] == 300
    assert said["scope"] == "system/Bundle.c system/ServiceRequest.r system/Task.rs"
    headers = {"Authorization": f"Bearer {said['access_token']}"}
    posted = await gateway.http.post("/fhir", json=bundle(identifier="R-1"), headers=headers)
    assert posted.status_code == 200, posted.text
    gateway.clock.move(306)
    late = await gateway.http.post("/fhir", json=bundle(identifier="R-1"), headers=headers)
    assert late.status_code == 401


def refused(answer: object, error: str, status: int) -> str:
    """The description of a refusal, which must be OAuth's `error`."""
    assert answer.status_code == status, answer.text  # type: ignore[attr-defined]
    assert answer.headers["content-type"] == "application/json"  # type: ignore[attr-defined]
    said = answer.json()  # type: ignore[attr-defined]
    assert said["error"] == error
    assert set(said) == {"error", "error_description"}
    return said["error_description"]


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"aud": f"{BASE}/fhir"}, "aud"),
        ({"aud": None}, "aud"),
        ({"exp": 1_000_000_000}, "expired"),
        ({"exp": 4_000_000_000}, "300 seconds"),
        ({"exp": "soon"}, "numbers"),
        ({"exp": None}, "numbers"),
        ({"nbf": 3_000_000_000}, "not valid yet"),
        ({"jti": None}, "jti"),
        ({"jti": "x" * 300}, "jti"),
        ({"iss": "ehr-writing"}, "iss and sub"),
        ({"sub": None}, "iss and sub"),
        ({"iss": "nobody", "sub": "nobody"}, "not known"),
        ({"iss": "ehr-writing", "sub": "ehr-writing"}, "not known"),
    ],
)
async def test_an_assertion_that_says_something_wrong(
    client: SmartClient, claims: dict[str, object], told: str
) -> None:
    answer = await client.ask(client.assertion(**claims))
    assert told in refused(answer, "invalid_client", 401)


async def test_an_assertion_signed_by_what_is_not_the_client_s_key(client: SmartClient) -> None:
    known = str(client.key.kid)
    for assertion in (
        client.assertion(key=new_key("ES384")),
        client.assertion(key=new_key("ES384", kid=known)),
        client.assertion(key=KEYS["RS384"], header={"alg": "RS384", "kid": known}),
        client.assertion(header={"jku": "https://elsewhere.example.org/keys"}),
        client.assertion()[:-8] + "AAAAAAAA",
    ):
        assert "not known" in refused(await client.ask(assertion), "invalid_client", 401)


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # the client is meant to be careless
async def test_an_assertion_with_an_algorithm_that_is_not_taken(client: SmartClient) -> None:
    secret = new_key("HS256", kid=str(client.key.kid))
    for algorithm, key in (("none", client.key), ("HS256", secret), ("RS256", KEYS["RS384"])):
        assertion = client.assertion(key=key, header={"alg": algorithm})
        assert "RS384, ES384" in refused(await client.ask(assertion), "invalid_client", 401)
    no_kid = client.assertion(header={"kid": None})
    assert "kid" in refused(await client.ask(no_kid), "invalid_client", 401)


async def test_an_assertion_is_used_once(client: SmartClient) -> None:
    assertion = client.assertion()
    assert (await client.ask(assertion)).status_code == 200
    assert "jti" in refused(await client.ask(assertion), "invalid_client", 401)
    assert (await client.ask()).status_code == 200


async def test_somebody_else_cannot_use_up_a_client_s_number(client: SmartClient) -> None:
    forged = client.assertion(key=new_key("ES384", kid=str(client.key.kid)), jti="one")
    refused(await client.ask(forged), "invalid_client", 401)
    assert (await client.ask(client.assertion(jti="one"))).status_code == 200


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("system/Task.rs", "system/Task.rs"),
        ("system/Task.read", "system/Task.rs"),
        ("system/Task.write", "system/Task.u"),
        ("system/Task.*", "system/Task.rus"),
        ("system/*.*", "system/Bundle.c system/ServiceRequest.ru system/Task.rus"),
        ("system/Task.cruds system/Patient.rs openid", "system/Task.rus"),
    ],
)
async def test_what_is_granted_is_what_is_asked_and_allowed(
    client: SmartClient, asked: str, given: str
) -> None:
    assert (await client.ask(scope=asked)).json()["scope"] == given


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "system/Patient.rs",
        "user/Task.rs",
        "lahetti/cases.r",
        "system/Task.rs?status=requested",
        "nonsense",
    ],
)
async def test_a_scope_that_is_not_the_client_s(client: SmartClient, asked: str) -> None:
    assert "scopes" in refused(await client.ask(scope=asked), "invalid_scope", 400)


@pytest.mark.parametrize(
    ("form", "error", "status"),
    [
        ({"grant_type": "authorization_code"}, "unsupported_grant_type", 400),
        ({"client_assertion_type": "urn:other"}, "invalid_client", 401),
        ({"client_assertion": "nonsense"}, "invalid_client", 401),
        ({"client_assertion": "ä.ö.å"}, "invalid_client", 401),
        ({"client_assertion": "a" * 9000}, "invalid_client", 401),
    ],
)
async def test_a_form_that_is_not_the_right_one(
    client: SmartClient, form: dict[str, str], error: str, status: int
) -> None:
    refused(await client.ask(**form), error, status)


@pytest.mark.parametrize(
    "body", [b"", b"grant_type", b"grant_type=%ff", b"scope=x", b"grant_type=a&grant_type=b", b"\xff=1"]
)
async def test_a_body_that_is_no_form(gateway: Gateway, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await gateway.http.post("/oauth/token", content=body, headers=headers)
    refused(answer, "invalid_request", 400)


async def test_a_client_that_was_put_out_of_use_gets_no_token(gateway: Gateway) -> None:
    await register(gateway, active=False)
    refused(await client_of(gateway).ask(), "invalid_client", 401)


async def test_an_attempt_is_one_line_with_a_reason_and_nothing_of_the_assertion(
    client: SmartClient,
) -> None:
    written = StringIO()
    logs.configure(service="test", stream=written)
    await client.ask(client.assertion(iss="Nimenomainen", sub="Nimenomainen", jti="salainen"))
    await client.ask(scope="Nimenomainen")
    lines = [orjson.loads(line) for line in written.getvalue().splitlines()]
    assert [line["reason"] for line in lines if line["event"] == "token.refused"] == ["not-known", "scope"]
    assert not any(word in written.getvalue() for word in ("Nimenomainen", "salainen", ASSERTION_TYPE))
