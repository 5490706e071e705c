"""Every route of the three applications asks for one right, or is public for a reason that stands here."""

import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from service_runtime.caller import KINDS
from service_runtime.tokens import TokenSigner, bars, generate_keys
from service_runtime.tokens.keys import read_keys
from support.clocks import StandingClock
from support.routes import Installation, Route, installation, outcome_fault

PUBLIC = {
    "GET /fhir/metadata": "what the server can do; FHIR wants it readable before anybody has a token",
    "GET /fhir/ConceptMap/{concept_map}": "the county's procedure codes; nothing of anybody",
    "GET /fhir/CodeSystem/{system}": "the county's words for reasons; nothing of anybody",
    "GET /fhir/.well-known/smart-configuration": "where a client gets a token; it has none yet",
    "POST /oauth/token": "here a client proves its key and gets a token",
    "POST /oauth/revoke": "here a client proves its key and takes a token back",
    "GET /.well-known/jwks.json": "public keys, with which record systems check who writes to them",
    "GET /livez": "a probe; tells of parts, not of people, and the ingress does not lead to it",
    "GET /readyz": "as /livez",
    "GET /metrics": "counts and ages; as /livez",
    "GET /p/{link_token}": "asks for the PIN and shows nobody",
    "POST /p/{link_token}/session": "here the PIN is given: it opens the session that takes a token's place",
    "GET /p/{link_token}/referral": "shows the referral to the session's cookie only",
    "POST /p/{link_token}/close": "wants the session's cookie and its form's token",
    "POST /p/{link_token}/{action}": "wants the session's cookie and its form's token",
    "GET /p/{link_token}/{action}": "leads a reader who reloads a form's address back to the page",
    "GET /p/static/{name}": "the page's style sheet",
}
"""HEAD goes with its GET."""

NOT_OURS = ("https://ehr.example.org/fhir", "https://lahetti.example/oauth/token")
"""Audiences of tokens and assertions that are meant for somebody else, or for another route."""
YESTERDAY = StandingClock(datetime.now(UTC) - timedelta(days=1))


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[Installation]:
    # Without tables: a route that asked a database before it asked for a right would answer 5xx.
    async with installation(tmp_path, migrated=False) as opened:
        yield opened


def guarded(three: Installation) -> Iterator[tuple[Route, str, frozenset[str]]]:
    """The routes that are not public, with their scope and the kinds of callers that they take."""
    for route in three.routes:
        if route.access is not None:
            yield route, route.access.scope, route.access.kinds or KINDS


async def refused(three: Installation, route: Route, headers: dict[str, str], status: int) -> str | None:
    """What is wrong with the answer, None where it is the refusal that it should be."""
    headers = headers | {"Content-Type": "application/json"} if route.method in {"POST", "PUT"} else headers
    answer = await three.http.request(route.method, route.filled(), headers=headers)
    said = outcome_fault(answer)
    if answer.status_code != status or said:
        return f"{route}: {answer.status_code}, not {status} {said or ''}"
    return None


async def test_each_route_has_one_rule_and_the_public_ones_are_those_argued_for(three: Installation) -> None:
    public = {str(route) for route in three.routes if route.access is None}  # `routes` holds them to one rule
    assert {name.replace("HEAD ", "GET ") for name in public} == set(PUBLIC)
    assert len(list(guarded(three))) > 40
    assert {route.service for route, _, _ in guarded(three)} == set(three.services)


async def test_no_route_that_is_not_public_answers_without_a_valid_token(
    three: Installation, tmp_path: Path
) -> None:
    stranger = generate_keys(tmp_path / "stranger").private
    faults: list[str | None] = []
    for route, scope, kinds in guarded(three):
        kind = min(kinds)
        valid = three.token(scope, kind)
        no_token: list[dict[str, str]] = [
            {},
            {"Authorization": ""},
            {"Authorization": "Basic " + valid["Authorization"].removeprefix("Bearer ")},
            {"Authorization": "Bearer nonsense"},
            {"Authorization": valid["Authorization"][:-6] + "AAAAAA"},
            three.token(scope, kind, clock=YESTERDAY),
            three.token(scope, kind, key_file=stranger),
        ]
        faults += [await refused(three, route, headers, 401) for headers in no_token]
    assert [fault for fault in faults if fault] == []


async def test_a_token_for_another_audience_is_refused(three: Installation) -> None:
    """What we sign for an EHR, or a client for the token endpoint, opens none of our routes."""
    signer = TokenSigner(three.key_file)
    faults: list[str | None] = []
    for route, scope, kinds in guarded(three):
        kind: Any = min(kinds)
        for audience in NOT_OURS:
            token = signer.sign(client_id="somebody", kind=kind, scope=scope, seconds=60, audience=audience)
            faults.append(await refused(three, route, {"Authorization": f"Bearer {token}"}, 401))
    assert faults
    assert [fault for fault in faults if fault] == []


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # such tokens are what is refused
async def test_a_token_with_an_algorithm_that_is_not_ours_is_refused(three: Installation) -> None:
    """Neither without a signature, nor with our public key as a secret, nor signed as by a client."""
    published = (await three.http.get("/.well-known/jwks.json")).json()["keys"][0]
    kid = published["kid"]
    secret = OctKey.import_key(orjson.dumps(published).decode(), {"kid": kid})
    client_s = ECKey.generate_key("P-384", {"kid": kid})
    faults: list[str | None] = []
    for route, scope, kinds in guarded(three):
        claims = {
            "client_id": "somebody",
            "kind": min(kinds),
            "scope": scope,
            "jti": "1",
            "exp": 4_000_000_000,
        }
        for algorithm, key in (("none", client_s), ("HS256", secret), ("ES384", client_s)):
            token = jwt.encode({"alg": algorithm, "kid": kid}, claims, key, algorithms=[algorithm])
            faults.append(await refused(three, route, {"Authorization": f"Bearer {token}"}, 401))
    assert faults
    assert [fault for fault in faults if fault] == []


async def test_a_token_without_the_scope_is_refused(three: Installation) -> None:
    faults: list[str | None] = []
    every = {scope for _, scope, _ in guarded(three)}
    for route, scope, kinds in guarded(three):
        others = three.token(" ".join(sorted(every - {scope})), min(kinds))
        nothing = three.token("", min(kinds))
        # The token endpoint translates these; a token that says them as they are grants nothing.
        wide = three.token("*/*.* system/*.* system/*.cruds system/Task.read system/Task.*", min(kinds))
        faults += [await refused(three, route, headers, 403) for headers in (others, nothing, wide)]
    assert [fault for fault in faults if fault] == []


async def test_a_caller_of_another_kind_is_refused_whatever_its_scopes(three: Installation) -> None:
    faults: list[str | None] = []
    tried = 0
    every = " ".join(sorted({scope for _, scope, _ in guarded(three)}))
    for route, _, kinds in guarded(three):
        for kind in KINDS - kinds:
            tried += 1
            faults.append(await refused(three, route, three.token(every, kind), 403))
    assert [fault for fault in faults if fault] == []
    assert tried > 20


@pytest.mark.parametrize("barred", ["the token", "the client", "what the client had got"])
async def test_a_barred_token_is_refused_at_every_route(tmp_path: Path, barred: str) -> None:
    """Revoked, or of a client that was stopped: valid in everything else."""
    async with installation(tmp_path) as three:
        names = {
            "the token": [bars.of_token("1")],
            "the client": [bars.of_client(kind, "somebody") for kind in KINDS],
            "what the client had got": [bars.of_issued(kind, "somebody") for kind in KINDS],
        }[barred]
        soon = None if barred == "the client" else int((time.time() + 60) * 1e6)
        for file in three.databases.values():
            with sqlite3.connect(file) as database:
                database.executemany("INSERT INTO bars VALUES (?, ?, NULL)", [(name, soon) for name in names])
            database.close()
        faults: list[str | None] = []
        for route, scope, kinds in guarded(three):
            token = _signed(three, client_id="somebody", kind=min(kinds), scope=scope, jti="1")
            faults.append(await refused(three, route, token, 401))
            if barred == "the token":
                other = _signed(three, client_id="somebody", kind=min(kinds), scope=scope, jti="2")
                assert await refused(three, route, other, 401) is not None, "another token passes"
        assert len(faults) > 40
        assert [fault for fault in faults if fault] == []


def _signed(three: Installation, **claims: Any) -> dict[str, str]:
    """A caller's header with claims as they are given."""
    key = read_keys(three.key_file).keys[0]
    said = claims | {"iat": int(time.time()), "exp": int(time.time()) + 60}
    token = jwt.encode({"alg": "ES256", "kid": key.kid}, said, key, algorithms=["ES256"])
    return {"Authorization": f"Bearer {token}"}


async def test_a_valid_token_passes_the_rule(three: Installation) -> None:
    """The refusals above come from the rule: with the right token each route goes on to something else."""
    stopped: list[str] = []
    for route, scope, kinds in guarded(three):
        answer = await three.http.request(
            route.method, route.filled(), headers=three.token(scope, min(kinds))
        )
        if answer.status_code in {401, 403}:
            stopped.append(f"{route}: {answer.status_code} {answer.text}")
    assert stopped == []
