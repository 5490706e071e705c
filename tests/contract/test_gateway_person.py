"""A person's rows at the gateway itself, on both databases: found, copied, erased."""

from typing import Any

import httpx
import pytest
from referral_gateway.adapters import tables
from support.gateway import Gateway, gateway, gateway_database, migrated_file, migrated_postgres, moved
from support.gateway_county import EHR, OTHER_EHR

__all__ = ["gateway", "gateway_database", "migrated_file", "migrated_postgres"]


async def ask(gateway: Gateway, path: str, body: Any) -> httpx.Response:
    return await gateway.http.post(f"/gateway/person{path}", json=body, headers=gateway.as_officer())


async def close(gateway: Gateway, referral: str) -> None:
    """Its Task ends, as the collector tells it."""
    await gateway.hear(moved(await gateway.routing(referral), "completed"))
    await gateway.publish_all()


async def test_a_person_s_referrals_are_found_copied_and_erased(gateway: Gateway) -> None:
    first = await gateway.refer(hetu=True)
    second = await gateway.refer(hetu=True)
    other = await gateway.refer()
    code = next(
        entry["resource"]["identifier"][0]["value"]
        for entry in (await ask(gateway, "/export", {"referrals": [first]})).json()["entry"]
        if entry["resource"]["resourceType"] == "Patient"
    )
    found = (await ask(gateway, "", {"hetu": code})).json()["referrals"]
    assert [one["id"] for one in found] == sorted([first, second])
    assert {one["client"] for one in found} == {OTHER_EHR}
    still_open = await ask(gateway, "/erase", {"referrals": [first, second]})
    assert still_open.status_code == 409
    for referral in (first, second):
        await close(gateway, referral)
    before = await gateway.counts()
    erased = await ask(gateway, "/erase", {"referrals": [first, second]})
    assert erased.status_code == 200, erased.text
    assert erased.json()["referrals"] == 2
    assert erased.json()["documents"] >= 8
    after = await gateway.counts()
    assert {name: after[name] for name in ("referrals", "routings", "cases")} == {
        name: before[name] for name in ("referrals", "routings", "cases")
    }
    for referral in (first, second):
        assert await gateway.rows(tables.Resource, referral=referral) == []
        assert await gateway.rows(tables.Evidence, referral=referral) == []
        [row] = await gateway.rows(tables.Referral, id=referral)
        kept = (row.identifier_value, row.content_hash, row.pathway)
        assert kept == (referral, b"", "exercise"), "what is counted stays"
    assert await gateway.rows(tables.Evidence, referral=other)
    assert (await ask(gateway, "", {"hetu": code})).json() == {"referrals": []}


async def test_without_a_code_a_person_is_known_by_the_client_s_own_identifier_only(gateway: Gateway) -> None:
    first = await gateway.refer()
    assert [one["id"] for one in (await ask(gateway, "", {"referral": first})).json()["referrals"]] == [first]
    nobody = {"client": EHR, "system": "https://ehr.example.org/person", "value": "1"}
    assert (await ask(gateway, "", nobody)).json() == {"referrals": []}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("", {}, 422),
        ("", {"hetu": "140578-9011"}, 422),
        ("", {"referral": "x"}, 422),
        ("", {"referral": "x", "hetu": "140578-9018"}, 422),
        ("", {"hetu": 5}, 422),
        ("", [], 400),
        ("/export", {"referrals": []}, 422),
        ("/export", {"referrals": ["x"]}, 422),
        ("/erase", {"referrals": ["01900000-0000-7000-8000-00000000000a"]}, 404),
    ],
)
async def test_what_names_nobody_is_refused(gateway: Gateway, path: str, body: Any, status: int) -> None:
    answer = await ask(gateway, path, body)
    assert answer.status_code == status, answer.text
    assert "140578" not in answer.text
