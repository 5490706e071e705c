"""Who is urgent stands first in its line, and behind the urgent who came before."""

import orjson
import pytest
from service_runtime.ids import new_id
from support.gateway import Gateway, bundle
from support.gateway_county import KOTKA
from support.waitlists import give, in_line, placed, refer_in_order, set_free, waitlist_files


async def test_the_urgent_goes_first_and_among_its_like_who_has_waited_longest(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(3))
    group = await refer_in_order(gateway, 3)
    one, two = await refer_in_order(gateway, 2)
    three, four = await refer_in_order(gateway, 2, priority="urgent")

    for first in group:
        gateway.clock.move(60)
        await set_free(gateway, first)
        assert await give(gateway) == 1

    assert (await placed(gateway))[3:] == [three, four, one]
    assert await in_line(gateway) == [two]


async def test_an_urgent_one_whom_nobody_may_take_keeps_nobody_waiting(gateway: Gateway) -> None:
    files = waitlist_files(1)
    await gateway.load_county(files)
    (first,) = await refer_in_order(gateway, 1)
    (stuck,) = await refer_in_order(gateway, 1, priority="urgent", recipient_kinds=("municipality",))
    (routine,) = await refer_in_order(gateway, 1)
    kotka = orjson.loads(files["directory/kotka.json"])
    kotka["entry"][0]["resource"]["type"][0]["coding"][0]["code"] = "association"
    await gateway.load_county(files | {"directory/kotka.json": orjson.dumps(kotka).decode()})
    await set_free(gateway, first)
    await give(gateway)
    await give(gateway)
    assert await in_line(gateway) == [stuck]
    assert (await gateway.routing(routine)).provider == "kotka"


@pytest.mark.parametrize(("priority", "behind"), [("routine", 3), ("urgent", 1)])
async def test_a_dry_run_counts_those_before_it(gateway: Gateway, priority: str, behind: int) -> None:
    await gateway.load_county(waitlist_files(1))
    await refer_in_order(gateway, 3)
    await refer_in_order(gateway, 1, priority="urgent")
    asked = bundle(identifier=new_id(), municipality=KOTKA, priority=priority)
    answer = await gateway.http.post("/fhir/ServiceRequest/$route", json=asked, headers=gateway.as_ehr())
    waiting = [
        part["valueInteger"]
        for one in answer.json()["parameter"]
        for part in one.get("part", [])
        if part["name"] == "waiting"
    ]
    assert waiting == [behind]
