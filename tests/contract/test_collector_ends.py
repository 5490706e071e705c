"""The referrer's and the platform's ends: revoked, withdrawn, asked to stop, closed."""

import pytest
from outcome_collector.adapters import tables
from outcome_collector.ports import Revocation
from outcome_collector.use_cases.end_tasks import revoke
from referral_contracts.errors import LahettiError
from referral_contracts.events import (
    ReferralClosed,
    ReferralRevoked,
    ReferralRouted,
    TaskCancellationRequested,
    TaskCancelled,
    TaskStatusChanged,
)
from referral_contracts.topics import tasks_topic
from service_runtime.ids import new_id
from service_runtime.results import Done, Retry
from support.collector import (
    EHR,
    PROVIDER,
    Collector,
    Published,
    collector,
    note,
    progress,
    progress_of,
    reason,
    reason_of,
    status,
)

__all__ = ["collector"]


async def test_a_withdrawn_permission_cancels_a_running_task_at_once(collector: Collector) -> None:
    routed = await collector.route()
    task = await _started(collector, routed)
    await collector.consume(_revoked(routed, "permission"))
    b, a = await collector.document(task), await collector.document(routed.referral)
    assert (b["status"], reason_of(b)) == ("cancelled", "permission-withdrawn")
    assert (a["status"], reason_of(a)) == ("cancelled", "permission-withdrawn")
    (told,) = await _of(collector, TaskCancelled)
    assert (told.topic, told.body.task) == (tasks_topic(PROVIDER.client), task)
    assert told.body.permitted_until == collector.clock.now()
    changed = (await _of(collector, TaskStatusChanged))[-1].body
    assert (changed.status, changed.releases_quota, changed.reroute) == ("cancelled", True, "never")
    assert (await collector.row(routed.referral))["return_permitted"] is False


async def test_a_permission_withdrawn_between_two_providers_ends_task_a(collector: Collector) -> None:
    routed = await collector.route()
    await collector.patch(await collector.task_b(routed), status("rejected"), reason("no-capacity"))
    await collector.consume(_revoked(routed, "permission"))
    a = await collector.document(routed.referral)
    assert (a["status"], reason_of(a)) == ("cancelled", "permission-withdrawn")


async def test_what_revokes_before_there_is_a_task_is_tried_again(collector: Collector) -> None:
    unknown = ReferralRevoked(referral=new_id(), service_request=new_id(), by="permission")
    (answer,) = await collector.consume(unknown)
    assert isinstance(answer, Retry)


async def test_a_revocation_waits_for_its_reason_and_then_cancels(collector: Collector) -> None:
    routed = await collector.route()
    task = await collector.task_b(routed)
    assert list(await collector.consume(_revoked(routed, "referrer"), _revoked(routed, "referrer"))) == [
        Done(),
        Done(),
    ]
    (job,) = await collector.rows(tables.Revocation)
    assert job["done_at"] is None
    assert (await collector.document(task))["status"] == "requested"
    await _revoke(collector, routed, Revocation("revoked", "no-longer-needed", "Asiakas aloitti jo muualla."))
    (job,) = await collector.rows(tables.Revocation)
    assert job["done_at"] is not None
    b, a = await collector.document(task), await collector.document(routed.referral)
    assert (b["status"], reason_of(b)) == ("cancelled", "no-longer-needed")
    assert b["note"][0]["text"] == "Asiakas aloitti jo muualla."
    assert (a["status"], reason_of(a)) == ("cancelled", "no-longer-needed")
    assert len(await _of(collector, TaskCancelled)) == 1


@pytest.mark.parametrize("said", [None, "nonsense", "client-declined", "other"])
async def test_a_revocation_without_a_usable_reason_still_cancels(
    collector: Collector, said: str | None
) -> None:
    routed = await collector.route()
    await _revoke(collector, routed, Revocation("revoked", said, None))
    b = await collector.document(await collector.task_b(routed))
    assert (b["status"], reason_of(b)) == ("cancelled", "other")
    assert b["note"]


async def test_a_request_entered_in_error_makes_its_task_so(collector: Collector) -> None:
    routed = await collector.route()
    task = await _started(collector, routed)
    await _revoke(collector, routed, Revocation("entered-in-error", None, None))
    for document in (await collector.document(task), await collector.document(routed.referral)):
        assert (document["status"], reason_of(document)) == ("entered-in-error", None)


async def test_a_provider_that_has_started_is_asked_to_stop_once(collector: Collector) -> None:
    routed = await collector.route()
    task = await _started(collector, routed)
    for _ in range(2):
        await _revoke(collector, routed, Revocation("revoked", "no-longer-needed", "Muutti pois."))
    (asked,) = await _of(collector, TaskCancellationRequested)
    wish = await collector.document(asked.body.task)
    assert wish["code"]["coding"][0]["code"] == "abort"
    assert (wish["focus"], wish["status"]) == ({"reference": f"Task/{task}"}, "requested")
    assert wish["note"] == [{"text": "Muutti pois."}]
    for document in (await collector.document(task), await collector.document(routed.referral)):
        assert (document["status"], progress_of(document)) == ("in-progress", "cancellation-requested")


async def test_a_provider_that_agrees_to_stop_has_its_task_cancelled_with_the_referrer_s_reason(
    collector: Collector,
) -> None:
    routed = await collector.route()
    task, wish = await _asked(collector, routed)
    answered = await collector.patch(wish, status("accepted"))
    assert answered.task.state.status == "accepted"
    for document in (await collector.document(task), await collector.document(routed.referral)):
        assert (document["status"], reason_of(document)) == ("cancelled", "no-longer-needed")
    assert await _of(collector, TaskCancelled) == []


async def test_a_provider_that_will_not_stop_goes_on(collector: Collector) -> None:
    routed = await collector.route()
    task, wish = await _asked(collector, routed)
    await collector.patch(wish, status("rejected"), reason("other"), note("Viimeinen kerta on huomenna."))
    assert reason_of(await collector.document(wish)) == "other"
    for document in (await collector.document(task), await collector.document(routed.referral)):
        assert (document["status"], progress_of(document)) == ("in-progress", None)
    await collector.patch(task, status("completed"))
    assert (await collector.document(routed.referral))["status"] == "completed"


@pytest.mark.parametrize(
    ("operations", "slug"),
    [
        ((status("rejected"),), "status-reason-required"),
        ((status("rejected"), note("Ei.")), "status-reason-required"),
        ((status("rejected"), reason("no-capacity"), note("Ei.")), "status-reason-unusable"),
        ((status("rejected"), reason("other")), "comment-required"),
        ((status("accepted"), reason("other", text="Kyllä.")), "status-reason-forbidden"),
        ((status("on-hold"), reason("provider-paused")), "illegal-move"),
    ],
)
async def test_an_answer_to_a_wish_keeps_the_rule_of_reasons(
    collector: Collector, operations: tuple[dict[str, object], ...], slug: str
) -> None:
    routed = await collector.route()
    task, wish = await _asked(collector, routed)
    before = [await collector.row(one) for one in (task, wish)]
    with pytest.raises(LahettiError) as refused:
        await collector.patch(wish, *operations)
    assert [issue.slug for issue in refused.value.issues] == [slug]
    assert [await collector.row(one) for one in (task, wish)] == before


async def test_a_task_that_ends_by_itself_makes_the_wish_to_stop_it_moot(collector: Collector) -> None:
    routed = await collector.route()
    task, wish = await _asked(collector, routed)
    await collector.patch(task, status("completed"))
    moot = await collector.document(wish)
    assert (moot["status"], reason_of(moot)) == ("cancelled", "no-longer-needed")
    with pytest.raises(LahettiError) as refused:
        await collector.patch(wish, status("accepted"))
    assert refused.value.issues[0].slug == "task-ended"


async def test_the_referrer_s_patch_of_task_a_is_the_same_as_revoking(collector: Collector) -> None:
    routed = await collector.route(mode="poll", task_a=None)
    recorded = await collector.patch(
        routed.referral, status("cancelled"), reason("raised-in-error", text="Väärä asiakas."), by=EHR
    )
    assert (recorded.task.id, recorded.task.state.status) == (routed.referral, "cancelled")
    b = await collector.document(await collector.task_b(routed))
    assert (b["status"], reason_of(b)) == ("cancelled", "raised-in-error")
    assert b["note"][0]["text"] == "Väärä asiakas."
    assert len(await _of(collector, TaskCancelled)) == 1


async def test_the_referrer_s_patch_of_a_started_task_a_asks_the_provider(collector: Collector) -> None:
    routed = await collector.route(mode="poll", task_a=None)
    task = await _started(collector, routed)
    recorded = await collector.patch(routed.referral, status("cancelled"), reason("no-longer-needed"), by=EHR)
    assert recorded.explanation == "provider-is-asked-to-stop"
    assert recorded.task.state.status == "in-progress"
    assert len(await _of(collector, TaskCancellationRequested)) == 1
    assert (await collector.document(task))["status"] == "in-progress"


@pytest.mark.parametrize(
    ("operations", "slug"),
    [
        ((status("accepted"),), "illegal-move"),
        ((status("completed"),), "illegal-move"),
        ((status("cancelled"),), "status-reason-required"),
        ((status("cancelled"), reason("client-declined")), "status-reason-unusable"),
        ((status("cancelled"), reason("other")), "comment-required"),
        (({"op": "replace", "path": "/owner", "value": {}},), "element-not-yours"),
        ((progress("contacted"),), "element-not-yours"),
    ],
)
async def test_the_referrer_can_end_its_task_a_and_nothing_else(
    collector: Collector, operations: tuple[dict[str, object], ...], slug: str
) -> None:
    routed = await collector.route(mode="poll", task_a=None)
    before = await collector.row(routed.referral)
    with pytest.raises(LahettiError) as refused:
        await collector.patch(routed.referral, *operations, by=EHR)
    assert refused.value.issues[0].slug == slug
    assert await collector.row(routed.referral) == before


async def test_the_links_of_a_closed_referral_end_after_its_days(collector: Collector) -> None:
    routed = await collector.route()
    await collector.consume(ReferralClosed(referral=routed.referral))
    closed = (await collector.row(routed.referral))["closed_at"]
    assert closed == collector.clock.now()
    collector.clock.move(60)
    await collector.consume(ReferralClosed(referral=routed.referral))
    assert (await collector.row(routed.referral))["closed_at"] == closed


async def _started(collector: Collector, routed: ReferralRouted) -> str:
    task = await collector.task_b(routed)
    await collector.patch(task, status("accepted"))
    await collector.patch(task, status("in-progress"))
    return task


async def _asked(collector: Collector, routed: ReferralRouted) -> tuple[str, str]:
    task = await _started(collector, routed)
    await _revoke(collector, routed, Revocation("revoked", "no-longer-needed", None))
    (asked,) = await _of(collector, TaskCancellationRequested)
    return task, asked.body.task


async def _revoke(collector: Collector, routed: ReferralRouted, said: Revocation) -> None:
    async with collector.units.write() as unit:
        await revoke(
            unit,
            routed.referral,
            routed.service_request,
            said,
            now=collector.clock.now,
            patience=collector.patience,
        )


async def _of(collector: Collector, kind: type) -> list[Published]:
    return [event for event in await collector.events() if isinstance(event.body, kind)]


def _revoked(routed: ReferralRouted, by: str) -> ReferralRevoked:
    return ReferralRevoked(
        referral=routed.referral,
        service_request=routed.service_request,
        by=by,  # pyright: ignore[reportArgumentType] one of the two literals
    )
