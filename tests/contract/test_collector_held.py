"""A referral that a person has to place has a Task A and no other, and ends without a provider."""

from typing import Any

import pytest
from outcome_collector.adapters import tables
from referral_contracts.errors import LahettiError
from referral_contracts.events import ReferralHeld, ReferralRevoked, TaskCancelled
from service_runtime.results import Done
from support.collector import EHR, Collector, collector, progress_of, reason, reason_of, routing, status
from support.collector_door import Caller, Door, door, ehr

__all__ = ["collector", "door", "ehr"]


async def _held(collector: Collector, waits_for: Any = "person", **facts: Any) -> ReferralHeld:
    routed = routing(collector.clock, protected=True, **facts).model_dump() | {"waits_for": waits_for}
    held = ReferralHeld(**{name: routed[name] for name in ReferralHeld.model_fields})
    assert list(await collector.consume(held)) == [Done()]
    return held


def _revoked(held: ReferralHeld, by: Any) -> ReferralRevoked:
    return ReferralRevoked(referral=held.referral, service_request=held.referral, by=by)


async def test_the_referrer_sees_that_it_waits_for_a_person(door: Door, ehr: Caller) -> None:
    held = await _held(door.collector)
    await door.collector.consume(held)
    (row,) = await door.collector.rows(tables.Task)
    assert (row["id"], row["kind"], row["protected"]) == (held.referral, "A", True)
    a = (await ehr.get(f"/fhir/Task/{held.referral}")).json()
    assert (a["status"], progress_of(a)) == ("requested", "needs-attention")
    assert a["meta"]["security"][0]["code"] == "TURVAKIELTO"
    assert len(await door.collector.rows(tables.WriteBack)) == 1
    assert await door.collector.events() == [], "no provider is told of anything"


async def test_without_a_permission_to_return_the_status_is_all_that_is_seen(door: Door, ehr: Caller) -> None:
    held = await _held(door.collector, return_permitted=False)
    a = (await ehr.get(f"/fhir/Task/{held.referral}")).json()
    assert (a["status"], progress_of(a)) == ("requested", None)
    assert await door.collector.rows(tables.WriteBack) == []


@pytest.mark.parametrize(
    ("by", "permitted", "told"),
    [
        ("permission", True, "permission-withdrawn"),
        ("permission", False, "permission-withdrawn"),
        ("referrer", True, "other"),
        ("referrer", False, "withheld"),
    ],
)
async def test_it_ends_at_once_when_it_is_no_longer_wanted(
    door: Door, ehr: Caller, by: str, permitted: bool, told: str
) -> None:
    held = await _held(door.collector, return_permitted=permitted)
    assert list(await door.collector.consume(_revoked(held, by), _revoked(held, by))) == [Done(), Done()]
    a = (await ehr.get(f"/fhir/Task/{held.referral}")).json()
    assert (a["status"], reason_of(a)) == ("cancelled", told)
    assert [one for one in await door.collector.events() if isinstance(one.body, TaskCancelled)] == []
    assert await door.collector.rows(tables.Revocation) == []


async def test_its_task_a_is_not_ended_behind_the_gateway_s_back(collector: Collector) -> None:
    held = await _held(collector, mode="poll", task_a=None)
    with pytest.raises(LahettiError) as refused:
        await collector.patch(held.referral, status("cancelled"), reason("no-longer-needed"), by=EHR)
    assert refused.value.issues[0].slug == "illegal-move"


async def test_once_it_is_placed_it_goes_on_as_any_other(collector: Collector) -> None:
    held = await _held(collector)
    routed = await collector.route(referral=held.referral, protected=True)
    await collector.patch(await collector.task_b(routed), status("accepted"))
    assert (await collector.document(held.referral))["status"] == "accepted"


async def test_the_referrer_sees_that_it_is_on_a_waitlist(door: Door, ehr: Caller) -> None:
    held = await _held(door.collector, "place")
    a = (await ehr.get(f"/fhir/Task/{held.referral}")).json()
    assert (a["status"], progress_of(a)) == ("requested", "waitlisted")
    assert await door.collector.events() == [], "no provider is told of anything"


async def test_what_it_waits_for_may_change_and_is_written_once(door: Door, ehr: Caller) -> None:
    held = await _held(door.collector, "place")
    told = held.model_copy(update={"waits_for": "person"})
    for _ in range(2):
        assert list(await door.collector.consume(told)) == [Done()]
    a = (await ehr.get(f"/fhir/Task/{held.referral}")).json()
    assert (progress_of(a), a["meta"]["versionId"]) == ("needs-attention", "2")
    assert len(await door.collector.rows(tables.WriteBack)) == 2


async def test_with_its_place_it_no_longer_waits_and_the_promise_is_this_provider_s(
    collector: Collector,
) -> None:
    held = await _held(collector, "place")
    before = await collector.document(held.referral)
    collector.clock.move(30 * 86400)
    routed = await collector.route(referral=held.referral, protected=True)
    a = await collector.document(held.referral)
    assert (a["status"], progress_of(a)) == ("requested", None)
    assert a["restriction"] == (await collector.document(await collector.task_b(routed)))["restriction"]
    assert a["restriction"]["period"]["end"] > before["restriction"]["period"]["end"]
    assert len(await collector.rows(tables.WriteBack)) == 2
    assert list(await collector.consume(held)) == [Done()]
    assert await collector.document(held.referral) == a, "what is told late changes nothing"
