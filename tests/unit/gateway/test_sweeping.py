"""What should have been answered by now is told again; after three times a person is asked."""

from referral_gateway.adapters import tables
from support.gateway import Gateway, moved

TWO_MINUTES = 120


async def republished(gateway: Gateway, event: str) -> int:
    (row,) = await gateway.rows(tables.Outbox, id=event)
    return row.republished


async def test_a_routing_without_a_task_is_told_again_under_the_same_id_and_after_three_times_is_a_case(
    gateway: Gateway,
) -> None:
    referral = await gateway.refer()
    event = (await gateway.routing(referral)).event
    await gateway.publish_all()
    gateway.clock.move(TWO_MINUTES - 1)
    assert await gateway.sweep() == 0

    gateway.clock.move(1)
    for times in (1, 2, 3):
        assert await gateway.sweep() == 1
        assert await gateway.sweep() == 0
        assert await republished(gateway, event) == times
        assert await gateway.open_cases(referral) == []
        await gateway.publish_all()
        gateway.clock.move(TWO_MINUTES)
    await gateway.sweep()

    assert await gateway.open_cases(referral) == ["task-stranded"]
    assert len(await gateway.told("referral.routed")) == 1
    gateway.clock.move(TWO_MINUTES)
    assert await gateway.sweep() == 0


async def test_a_task_that_is_seen_settles_it(gateway: Gateway) -> None:
    referral = await gateway.refer()
    for _ in range(4):
        gateway.clock.move(TWO_MINUTES)
        await gateway.sweep()
    assert await gateway.open_cases(referral) == ["task-stranded"]

    await gateway.hear(moved(await gateway.routing(referral), "requested", version=1))

    assert await gateway.open_cases(referral) == []
    gateway.clock.move(30 * 24 * 3600)
    assert await gateway.sweep() == 0


async def test_a_withdrawn_permission_without_an_end_is_told_again(gateway: Gateway) -> None:
    referral = await gateway.refer()
    await gateway.hear(moved(await gateway.routing(referral), "accepted"))
    consent = (await gateway.get(f"Consent/{referral}", gateway.as_ehr())).json() | {"status": "inactive"}
    headers = gateway.as_ehr() | {"if-match": 'W/"1"'}
    await gateway.http.put(f"/fhir/Consent/{referral}", json=consent, headers=headers)
    (event,) = await gateway.told("referral.revoked")
    await gateway.publish_all()

    gateway.clock.move(TWO_MINUTES)
    assert await gateway.sweep() == 1
    assert await republished(gateway, event["event"]) == 1

    await gateway.hear(moved(await gateway.routing(referral), "cancelled", version=3))
    gateway.clock.move(TWO_MINUTES)
    assert await gateway.sweep() == 0
