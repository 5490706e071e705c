"""EHR clients that operators manage beside the county's data: neither side overwrites the other."""

from typing import Any

import httpx
import orjson
import pytest
from referral_gateway.adapters import tables
from service_runtime.tokens import bars
from support.gateway import (
    BASE,
    Gateway,
    bundle,
    gateway,
    gateway_database,
    issues,
    migrated_file,
    migrated_postgres,
)
from support.gateway_county import OTHER_EHR, county_files
from support.smart_client import SmartClient, key_set, new_key

__all__ = ["gateway", "gateway_database", "migrated_file", "migrated_postgres"]

KEY, NEW_KEY = new_key("ES384", "one"), new_key("ES384", "two")
ADDED = "ehr-added"
CONTENT: dict[str, Any] = {"id": ADDED, "name": "Lisätty", "mode": "poll", "jwks": key_set(KEY)}


async def ask(gateway: Gateway, path: str = "", **said: Any) -> httpx.Response:
    """What staff get of /gateway/clients; a POST where something is said."""
    gateway.clock.move(1)  # a second passes
    url, headers = f"/gateway/clients{path}", gateway.as_manager()
    return await (
        gateway.http.post(url, json=said, headers=headers) if said else gateway.http.get(url, headers=headers)
    )


async def listed(gateway: Gateway) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in (await ask(gateway)).json()["clients"]}


async def load(gateway: Gateway, *clients: dict[str, Any]) -> httpx.Response:
    """Load the county with these clients beside its own."""
    gateway.clock.move(1)
    files = county_files()
    content = orjson.loads(files["clients.yaml"])
    content["clients"] = [
        one for one in content["clients"] if one["id"] not in {given["id"] for given in clients}
    ] + [one for one in clients if one.get("name")]
    return await gateway.load_county(files | {"clients.yaml": orjson.dumps(content).decode()})


def smart(gateway: Gateway, key: Any = KEY) -> SmartClient:
    now = gateway.clock.now().timestamp()
    return SmartClient(gateway.http, ADDED, key, f"{BASE}/oauth/token", now, "ES384")


async def refers(gateway: Gateway, client: str, identifier: str) -> httpx.Response:
    gateway.clock.move(1)
    return await gateway.post(bundle(identifier=identifier), client)


async def test_an_added_client_gets_tokens_and_refers(gateway: Gateway) -> None:
    added = await ask(gateway, client=CONTENT)
    assert added.status_code == 201, added.text
    assert added.json() == {"client": ADDED, "audience": f"{BASE}/oauth/token"}
    answer = await smart(gateway).ask()
    assert answer.status_code == 200, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    posted = await gateway.http.post("/fhir", json=bundle(identifier="R-1"), headers=headers)
    assert posted.status_code == 200, posted.text
    told = (await listed(gateway))[ADDED]
    assert (told["source"], told["active"], told["keys"]) == ("operators", True, ["one"])
    assert "system/Bundle.c" in told["scopes"]
    assert told["changed_by"] == "coordinator"


async def test_another_key_takes_the_place_of_the_first(gateway: Gateway) -> None:
    await ask(gateway, client=CONTENT)
    turned = await ask(gateway, f"/{ADDED}", change="rotate", jwks=key_set(NEW_KEY))
    assert turned.status_code == 200, turned.text
    assert (await smart(gateway, NEW_KEY).ask()).status_code == 200
    assert (await smart(gateway, KEY).ask()).status_code == 401


@pytest.mark.parametrize("client", [ADDED, OTHER_EHR])
async def test_a_stopped_client_is_refused_with_tokens_made_by_hand_until_it_may_go_on(
    gateway: Gateway, client: str
) -> None:
    await ask(gateway, client=CONTENT)
    assert (await refers(gateway, client, "R-1")).status_code == 200
    assert (await ask(gateway, f"/{client}", change="disable")).status_code == 200
    assert (await refers(gateway, client, "R-2")).status_code == 401
    assert (await smart(gateway).ask()).status_code == (401 if client == ADDED else 200)
    told = await gateway.told("access.changed")
    assert [(one["refused"], one["name"]) for one in told] == [(True, bars.of_client("ehr", client))]
    assert (await listed(gateway))[client]["stopped_by_operators"]
    assert (await ask(gateway, f"/{client}", change="enable")).status_code == 200
    assert (await refers(gateway, client, "R-2")).status_code == 200
    assert [one["refused"] for one in await gateway.told("access.changed")] == [True, False]


async def test_a_county_that_is_loaded_does_not_let_a_client_go_on_that_operators_stopped(
    gateway: Gateway,
) -> None:
    await ask(gateway, f"/{OTHER_EHR}", change="disable")
    renamed = {"id": OTHER_EHR, "name": "Uusi nimi", "mode": "poll", "active": True}
    assert (await load(gateway, renamed)).status_code == 200
    assert (await refers(gateway, OTHER_EHR, "R-1")).status_code == 401
    told = (await listed(gateway))[OTHER_EHR]
    assert (told["name"], told["source"], told["active"]) == ("Uusi nimi", "county", False)


async def test_operators_do_not_let_a_client_go_on_that_the_county_stopped(gateway: Gateway) -> None:
    assert (
        await load(gateway, {"id": OTHER_EHR, "name": "x", "mode": "poll", "active": False})
    ).status_code == 200
    assert (await refers(gateway, OTHER_EHR, "R-1")).status_code == 401
    refused = await ask(gateway, f"/{OTHER_EHR}", change="enable")
    assert (refused.status_code, issues(refused)) == (409, [("client-stopped-by-county", None)])
    assert (await refers(gateway, OTHER_EHR, "R-1")).status_code == 401


async def test_a_client_that_left_the_county_is_refused_until_it_is_back(gateway: Gateway) -> None:
    assert (await load(gateway, {"id": OTHER_EHR})).status_code == 200
    assert (await refers(gateway, OTHER_EHR, "R-1")).status_code == 401
    assert (await load(gateway)).status_code == 200
    assert (await refers(gateway, OTHER_EHR, "R-1")).status_code == 200


async def test_neither_side_describes_a_client_of_the_other(gateway: Gateway) -> None:
    taken = await ask(gateway, client=CONTENT | {"id": OTHER_EHR})
    assert (taken.status_code, issues(taken)) == (409, [("client-taken", None)])
    not_ours = await ask(gateway, f"/{OTHER_EHR}", change="rotate", jwks=key_set(NEW_KEY))
    assert (not_ours.status_code, issues(not_ours)) == (409, [("client-of-county", None)])
    await ask(gateway, client=CONTENT)
    again = await ask(gateway, client=CONTENT)
    assert (again.status_code, issues(again)) == (409, [("client-taken", None)])
    loaded = await load(gateway, CONTENT)
    assert loaded.status_code == 422
    assert [(one["file"], one["place"]) for one in loaded.json()["problems"]] == [("clients.yaml", ADDED)]


def token_of(gateway: Gateway, kind: str) -> tuple[str, dict[str, str], str]:
    """A caller of that kind, a token of its own, and what it may read."""
    if kind == "provider":
        return "kotka", gateway.as_provider("kotka"), "/fhir/Endpoint/kotka-webhook"
    if kind == "staff":
        return "coordinator", gateway.as_staff(), "/gateway/cases"
    return OTHER_EHR, gateway.as_ehr(), "/fhir/Organization/kotka"


@pytest.mark.parametrize("kind", ["ehr", "provider", "staff"])
async def test_tokens_that_are_revoked_stay_refused_and_new_ones_are_not(gateway: Gateway, kind: str) -> None:
    client, old, path = token_of(gateway, kind)
    assert (await gateway.http.get(path, headers=old)).status_code in {200, 404}
    assert (await ask(gateway, f"/{client}", change="revoke", kind=kind)).status_code == 200
    gateway.clock.move(1)
    refused = await gateway.http.get(path, headers=old)
    assert (refused.status_code, issues(refused)) == (401, [("token-revoked", None)])
    await ask(gateway, f"/{OTHER_EHR}", change="disable")
    await ask(gateway, f"/{OTHER_EHR}", change="enable")
    gateway.clock.move(1)
    assert (await gateway.http.get(path, headers=old)).status_code == 401, "letting go on revives nothing"
    _, new, _ = token_of(gateway, kind)
    assert (await gateway.http.get(path, headers=new)).status_code in {200, 404}


@pytest.mark.parametrize(
    ("path", "said", "status"),
    [
        ("", {"client": CONTENT | {"jwks_url": "https://ehr.example.org/keys"}}, 422),
        ("", {"client": CONTENT | {"id": "Isot Kirjaimet"}}, 422),
        ("", {"client": {"id": "ehr-x", "name": "x", "mode": "write"}}, 422),
        ("", {"client": CONTENT, "more": 1}, 422),
        ("/ehr-unknown", {"change": "disable"}, 404),
        ("/ehr-unknown", {"change": "rotate", "jwks": {"keys": []}}, 404),
        (f"/{OTHER_EHR}", {"change": "forget"}, 422),
        (f"/{OTHER_EHR}", {"change": "disable", "kind": "ehr"}, 422),
        (f"/{OTHER_EHR}", {"change": "revoke", "kind": "service"}, 422),
    ],
)
async def test_what_cannot_be_done_changes_nothing(
    gateway: Gateway, path: str, said: dict[str, Any], status: int
) -> None:
    before = await gateway.counts()
    answer = await ask(gateway, path, **said)
    assert answer.status_code == status, answer.text
    assert await gateway.counts() == before


async def test_another_process_knows_of_the_change_within_a_second(gateway: Gateway) -> None:
    await ask(gateway, client=CONTENT)
    assert [row.id for row in await gateway.rows(tables.Client)] == [ADDED]
    await gateway.base.counties.look()  # a store of its own, as another process has it
    gateway.clock.move(1)
    await gateway.base.counties.look()
    assert gateway.base.counties.current().clients[ADDED].active
