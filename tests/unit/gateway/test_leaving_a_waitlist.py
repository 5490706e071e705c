"""How a wait ends otherwise than with a place, and what happens where none can come."""

from typing import Any

import orjson
import pytest
from referral_contracts import systems
from referral_gateway.adapters import tables
from support.gateway import Gateway
from support.gateway_county import KOTKA
from support.waitlists import (
    LINE,
    NUMBER,
    give,
    in_line,
    refer_in_order,
    set_free,
    used,
    waitlist_files,
)

PATCH = {"content-type": "application/json-patch+json", "if-match": 'W/"1"'}


async def revoke(gateway: Gateway, referral: str, status: str = "revoked") -> int:
    concept = {"coding": [{"system": systems.STATUS_REASON, "code": "no-longer-needed"}]}
    reason = {"url": systems.REQUEST_STATUS_REASON_EXTENSION, "valueCodeableConcept": concept}
    operations: list[dict[str, Any]] = [
        {"op": "replace", "path": "/status", "value": status},
        *([{"op": "add", "path": "/extension/-", "value": reason}] if status == "revoked" else []),
    ]
    path = f"/fhir/ServiceRequest/{referral}"
    response = await gateway.http.patch(path, json=operations, headers=gateway.as_ehr() | PATCH)
    return response.status_code


async def withdraw(gateway: Gateway, referral: str) -> int:
    operations = [{"op": "replace", "path": "/status", "value": "inactive"}]
    path = f"/fhir/Consent/{referral}"
    response = await gateway.http.patch(path, json=operations, headers=gateway.as_ehr() | PATCH)
    return response.status_code


@pytest.mark.parametrize("end", ["revoked", "entered-in-error", "withdrawn"])
async def test_who_is_no_longer_referred_leaves_the_line_to_the_next(gateway: Gateway, end: str) -> None:
    await gateway.load_county(waitlist_files(1, 2))
    first, second, third = await refer_in_order(gateway, 3)

    answered = await (withdraw(gateway, second) if end == "withdrawn" else revoke(gateway, second, end))

    assert answered == 200
    assert await in_line(gateway) == [third]
    (row,) = await gateway.rows(tables.Waiting, referral=second)
    assert row.left_as == "ended"
    assert await used(gateway) == {NUMBER: 1, LINE: 1}
    by = "permission" if end == "withdrawn" else "referrer"
    (event,) = await gateway.told("referral.revoked")
    assert (event["referral"], event["by"]) == (second, by)
    assert [one["referral"] for one in await gateway.told("referral.closed")] == [second]
    (fourth,) = await refer_in_order(gateway, 1)  # its place in the line was free
    await set_free(gateway, first)
    await give(gateway)
    assert await in_line(gateway) == [fourth]
    assert await gateway.rows(tables.Routing, referral=second) == []


async def test_the_second_word_about_an_end_changes_no_count(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(1, 2))
    _, second, _ = await refer_in_order(gateway, 3)
    assert await revoke(gateway, second) == 200
    assert await withdraw(gateway, second) == 200
    assert await used(gateway) == {NUMBER: 1, LINE: 1}


async def test_after_its_place_came_it_is_revoked_as_any_other(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(1))
    first, second = await refer_in_order(gateway, 2)
    await set_free(gateway, first)
    await give(gateway)
    assert await revoke(gateway, second) == 200
    routing = await gateway.routing(second)
    (event,) = await gateway.told("referral.revoked")
    assert event["service_request"] == routing.id
    assert second not in [one["referral"] for one in await gateway.told("referral.closed")]


async def test_a_permission_that_ran_out_while_waiting_places_nobody(gateway: Gateway) -> None:
    files = waitlist_files(1)
    await gateway.load_county(files)
    first, second = await refer_in_order(gateway, 2)
    gateway.clock.move(200 * 86400)
    (third,) = await refer_in_order(gateway, 1)
    gateway.clock.move(200 * 86400)  # a year's permission of the second is over, and a new year has begun

    await give(gateway)

    (row,) = await gateway.rows(tables.Waiting, referral=second)
    assert row.left_as == "lapsed"
    assert await gateway.open_cases(second) == ["permission-ended"]
    assert await gateway.rows(tables.Routing, referral=second) == []
    told = [event for event in await gateway.told("referral.held") if event["referral"] == second]
    assert [event["waits_for"] for event in told] == ["place", "person"]
    await give(gateway)
    assert (await gateway.routing(third)).quota_key == "exercise/kotka/2027"
    assert (await used(gateway))[LINE] == 0
    assert first != second


def changed(files: dict[str, str], **terms: Any) -> dict[str, str]:
    agreement = orjson.loads(files["agreements/exercise.yaml"]) | terms
    return files | {"agreements/exercise.yaml": orjson.dumps(agreement).decode()}


async def test_where_the_agreement_is_over_a_person_is_asked_once_and_who_waits_keeps_the_place_in_line(
    gateway: Gateway,
) -> None:
    files = waitlist_files(1)
    await gateway.load_county(files)
    first, second, third = await refer_in_order(gateway, 3)
    over = changed(files, valid={"from": "2023-09-01", "until": "2026-03-01"})
    await gateway.load_county(over)
    await set_free(gateway, first)

    for _ in range(3):
        assert await give(gateway) == 0

    assert await in_line(gateway) == [second, third]
    assert [await gateway.open_cases(one) for one in (second, third)] == [["no-candidate"]] * 2
    assert len(await gateway.told("referral.held")) == 4, "each told once that it waits, once for whom"
    await gateway.load_county(files)
    await give(gateway)
    assert (await gateway.routing(second)).provider == "kotka"
    assert await gateway.open_cases(second) == []
    assert await in_line(gateway) == [third]


async def test_a_provider_that_may_not_be_asked_now_holds_up_its_own_line_only(gateway: Gateway) -> None:
    files = waitlist_files(1)
    await gateway.load_county(files)
    first, second = await refer_in_order(gateway, 2)
    organization = orjson.loads(files["directory/kotka.json"])
    organization["entry"][0]["resource"]["active"] = False
    closed = files | {"directory/kotka.json": orjson.dumps(organization).decode()}
    assert (await gateway.load_county(closed)).status_code == 200
    await set_free(gateway, first)
    for _ in range(2):
        assert await give(gateway) == 0
    assert await gateway.open_cases(second) == ["no-candidate"]
    assert await used(gateway) == {NUMBER: 0, LINE: 1}, "what could not be given was not taken"
    await gateway.load_county(files)
    assert await give(gateway) == 1
    assert await gateway.open_cases(second) == []


async def test_one_whom_nobody_may_take_does_not_keep_the_others_waiting(gateway: Gateway) -> None:
    """The longest waiting named providers that the county has since left out of its rules: the next goes."""
    files = waitlist_files(1)
    await gateway.load_county(files)
    first = await gateway.refer(municipality=KOTKA)
    gateway.clock.move(1)
    stuck = await gateway.refer(municipality=KOTKA, recipient_kinds=("municipality",))
    gateway.clock.move(1)
    (third,) = await refer_in_order(gateway, 1)
    organization = orjson.loads(files["directory/kotka.json"])
    organization["entry"][0]["resource"]["type"][0]["coding"][0]["code"] = "association"
    now = files | {"directory/kotka.json": orjson.dumps(organization).decode()}
    assert (await gateway.load_county(now)).status_code == 200
    await set_free(gateway, first)

    await give(gateway)
    await give(gateway)

    assert await in_line(gateway) == [stuck]
    assert await gateway.open_cases(stuck) == ["no-candidate"]
    assert (await gateway.routing(third)).provider == "kotka"
