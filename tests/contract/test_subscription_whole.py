"""The third way to learn of a Task, whole: subscribe, shake hands, be told over HTTP, read."""

from pathlib import Path
from typing import Any

import orjson
from lahetti.commands.county import county_files
from support.routes import installation, until
from support.routes_world import COUNTY, NONE, World, refer
from support.subscriptions import Receiver, wish


async def test_a_record_system_that_subscribes_is_told_and_reads_the_outcome(tmp_path: Path) -> None:
    receiver = Receiver()
    await receiver.server.come_up()
    async with installation(tmp_path, private_subscription_addresses=True) as three:
        world = World(three, NONE, NONE, NONE)
        loaded = await three.http.post(
            "/gateway/county", json={"files": county_files(COUNTY)}, headers=world.as_staff()
        )
        assert loaded.status_code == 200, loaded.text
        async with three.loops(("outcome-collector", "dispatcher")):
            made = await _subscribed(world, receiver)
            referred = await refer(world)
            await until("the new Task is told", lambda: _told(receiver, referred.id, 1))
            accepted = await _accept(world, referred.task)
            assert accepted == 200
            await until("its acceptance is told", lambda: _told(receiver, referred.id, 2))
        focus = receiver.taken[-1].bundle["entry"][1]["fullUrl"].removeprefix(three.base_url)
        task = (await three.http.get(focus, headers=world.as_ehr())).json()
        assert (task["resourceType"], task["status"]) == ("Task", "accepted")
        assert (await three.http.get(f"/fhir/Subscription/{made}", headers=world.as_ehr())).json()[
            "status"
        ] == "active"
    await receiver.server.close()


async def _subscribed(world: World, receiver: Receiver) -> str:
    headers = world.as_ehr() | {"Content-Type": "application/fhir+json"}
    content = orjson.dumps(wish(receiver.address))
    answer = await world.three.http.post("/fhir/Subscription", content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    made = answer.json()["id"]

    async def active() -> bool:
        read = await world.three.http.get(f"/fhir/Subscription/{made}", headers=world.as_ehr())
        return read.json()["status"] == "active"

    await until("it is active", active)
    return made


async def _told(receiver: Receiver, referral: str, times: int) -> Any:
    return sum(referral in str(one.bundle) for one in receiver.taken) >= times


async def _accept(world: World, task: str) -> int:
    headers = world.as_provider() | {"Content-Type": "application/json-patch+json", "If-Match": 'W/"1"'}
    content = orjson.dumps([{"op": "replace", "path": "/status", "value": "accepted"}])
    answer = await world.three.http.patch(f"/fhir/Task/{task}", content=content, headers=headers)
    return answer.status_code
