"""Tokens of an outside OpenID Connect issuer, a process of its own, at all three services."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from lahetti.commands.county import county_files
from pydantic import ValidationError
from service_runtime.settings import RuntimeSettings
from support import processes
from support.processes import Child, free_port
from support.routes import Installation, installation, until
from support.routes_world import COUNTY, UNKNOWN_REFERRAL, bundle

AUDIENCE = "https://lahetti.example/fhir"
MOST = "system/Bundle.c system/ServiceRequest.ru system/Task.rs system/Organization.r"
TASKS, ORGANIZATION = "/fhir/Task?status=requested", "/fhir/Organization/kotka"


@dataclass
class Issuer:
    """The other issuer."""

    url: str

    def sign(self, *, alg: str = "RS256", strange: bool = False, **changes: Any) -> dict[str, str]:
        """The header of a caller with a token of the issuer's; None takes a claim away."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.url,
            "aud": [AUDIENCE, "https://other.example.org"],
            "azp": "ehr-polling",
            "scope": "openid system/Task.read system/Bundle.c system/Organization.rs",
            "iat": now,
            "exp": now + 300,
        } | changes
        said = {name: value for name, value in claims.items() if value is not None}
        body = {"alg": alg, "strange": strange, "claims": said}
        answer = httpx.post(f"{self.url}/sign", json=body, trust_env=False)
        return {"Authorization": f"Bearer {answer.text}"}


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    port = free_port()
    script = Path(__file__).parents[1] / "support" / "issuer_process.py"
    child = Child([str(script), str(port)], {}, tmp_path_factory.mktemp("issuer") / "output")
    url = f"http://127.0.0.1:{port}"
    processes.until(lambda: processes.get(f"{url}/keys"), "the issuer answers")
    yield Issuer(url)
    child.end()


@pytest.fixture
async def three(issuer: Issuer, tmp_path: Path) -> AsyncIterator[Installation]:
    terms = {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE, "oidc_scope": MOST, "oidc_kind_claim": ""}
    async with installation(tmp_path, **terms) as opened:
        staff = opened.token("lahetti/county.w", "staff")
        loaded = await opened.http.post(
            "/gateway/county", json={"files": county_files(COUNTY)}, headers=staff
        )
        assert loaded.status_code == 200, loaded.text
        yield opened


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
async def test_a_client_of_the_issuer_refers_and_polls_as_the_county_s_client_that_it_is(
    three: Installation, issuer: Issuer, alg: str
) -> None:
    headers = issuer.sign(alg=alg)
    posted = await three.http.post("/fhir", json=bundle(), headers=headers)
    assert posted.status_code == 200, posted.text
    assert (await three.http.get(TASKS, headers=headers)).status_code == 200
    stranger = issuer.sign(alg=alg, azp="ehr-nobody-knows")
    unknown = await three.http.post("/fhir", json=bundle(), headers=stranger)
    assert unknown.json()["issue"][0]["details"]["coding"][0]["code"] == "client-unknown"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example.org"},
        {"aud": None},
        {"iss": "https://elsewhere.example.org"},
        {"exp": 1},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"azp": None},
        {"azp": 5},
        {"strange": True},
    ],
    ids=str,
)
async def test_a_token_that_says_something_wrong_opens_nothing(
    three: Installation, issuer: Issuer, changes: dict[str, Any]
) -> None:
    headers = issuer.sign(**({"alg": "ES256"} | changes))
    for path in (ORGANIZATION, f"/fhir/Task/{UNKNOWN_REFERRAL}"):
        assert (await three.http.get(path, headers=headers)).status_code == 401


async def test_a_token_grants_no_more_than_this_installation_lets_the_issuer_grant(
    three: Installation, issuer: Issuer
) -> None:
    wide = issuer.sign(
        scope=["system/*.cruds", "lahetti/cases.r", "lahetti/county.w", "system/Patient.r"], kind="staff"
    )
    assert (await three.http.get(ORGANIZATION, headers=wide)).status_code == 200
    for path in (
        f"/fhir/Patient/{UNKNOWN_REFERRAL}",
        "/gateway/cases",
        f"/notifier/trace/{UNKNOWN_REFERRAL}",
    ):
        assert (await three.http.get(path, headers=wide)).status_code == 403
    nothing = issuer.sign(scope="openid profile")
    assert (await three.http.get(ORGANIZATION, headers=nothing)).status_code == 403


async def test_a_client_that_is_stopped_here_is_refused_with_the_issuer_s_tokens_too(
    three: Installation, issuer: Issuer
) -> None:
    headers = issuer.sign()
    async with three.loops():
        stopped = await three.http.post(
            "/gateway/clients/ehr-polling",
            json={"change": "disable"},
            headers=three.token("lahetti/clients.w", "staff"),
        )
        assert stopped.status_code == 200, stopped.text

        async def refused() -> bool:
            answers = [await three.http.get(path, headers=headers) for path in (ORGANIZATION, TASKS)]
            return all(answer.status_code == 401 for answer in answers)

        await until("both services refuse the token", refused)


async def test_our_own_tokens_count_as_before(three: Installation) -> None:
    own = three.token("system/Organization.r", "ehr", "ehr-polling")
    assert (await three.http.get(ORGANIZATION, headers=own)).status_code == 200


@pytest.mark.parametrize(
    "terms",
    [
        {"oidc_issuer": "http://issuer.example.org", "oidc_audience": "x", "oidc_scope": MOST},
        {"oidc_issuer": "https://issuer.example.org", "oidc_scope": MOST},
        {"oidc_issuer": "https://issuer.example.org", "oidc_audience": "x"},
        {"oidc_issuer": "https://issuer.example.org", "oidc_audience": "x", "oidc_scope": "openid"},
    ],
)
def test_an_issuer_that_is_half_described_hinders_the_start(terms: Mapping[str, Any]) -> None:
    needed = dict.fromkeys(("public_base_url", "gateway_url", "collector_url"), "http://localhost")
    with pytest.raises(ValidationError, match="oidc_issuer"):
        RuntimeSettings(database_url="sqlite:///x", event_log_url="sqlite:///x", **needed, **terms)
