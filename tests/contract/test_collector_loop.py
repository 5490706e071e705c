"""From a routed referral to its outcome, on both databases: what is written in each step."""

import asyncio

import pytest
from outcome_collector.adapters import tables
from referral_contracts.errors import LahettiError
from referral_contracts.events import (
    DeliverySucceeded,
    ReferralUnroutable,
    TaskCancelled,
    TaskRequested,
    TaskStatusChanged,
)
from referral_contracts.topics import OUTCOMES, tasks_topic
from service_runtime.ids import new_id
from support.collector import (
    EHR,
    PROVIDER,
    Collector,
    collector,
    note,
    progress,
    progress_of,
    reason,
    reason_of,
    routing,
    status,
)

__all__ = ["collector"]


async def test_a_routed_referral_gets_a_task_for_the_provider_and_one_for_the_referrer(
    collector: Collector,
) -> None:
    routed = await collector.route(test=True, protected=True, urgent=True)
    b = await collector.document(await collector.task_b(routed))
    a = await collector.document(routed.referral)
    assert (b["status"], b["intent"], b["code"]["coding"][0]["code"]) == ("requested", "order", "fulfill")
    assert b["focus"] == {"reference": f"ServiceRequest/{routed.service_request}"}
    assert b["for"] == {"reference": f"Patient/{routed.referral}"}
    assert b["owner"] == {"reference": f"Organization/{PROVIDER.client}"}
    assert b["partOf"] == [{"reference": f"Task/{routed.referral}"}]
    assert [label["code"] for label in b["meta"]["security"]] == ["HTEST", "TURVAKIELTO"]
    assert b["priority"] == "urgent"
    assert b["restriction"]["period"]["end"].startswith("2026-03-09T09:00:00")
    assert a["id"] == routed.referral
    assert a["focus"] == {"reference": routed.ehr_request}


async def test_task_a_of_a_record_system_that_polls_points_to_our_own_request(collector: Collector) -> None:
    routed = await collector.route(mode="poll", task_a=None, ehr_request=None)
    a = await collector.document(routed.referral)
    assert a["focus"] == {"reference": f"ServiceRequest/{routed.referral}"}


async def test_the_provider_and_the_gateway_are_told_of_the_new_task(collector: Collector) -> None:
    routed = await collector.route()
    task = await collector.task_b(routed)
    requested, changed = await collector.events()
    assert requested.topic == tasks_topic(PROVIDER.client)
    assert requested.key == routed.referral
    assert isinstance(requested.body, TaskRequested)
    assert (requested.body.task, requested.body.version) == (task, 1)
    assert requested.headers["ce_sequence"] == "1"
    assert changed.topic == OUTCOMES
    assert isinstance(changed.body, TaskStatusChanged)
    assert (changed.body.status, changed.body.version) == ("requested", 1)


async def test_a_routing_that_has_its_task_changes_nothing(collector: Collector) -> None:
    routed = await collector.route()
    await collector.consume(routed)
    assert len(await collector.rows(tables.Task)) == 2
    assert len(await collector.events()) == 2


async def test_many_referrals_of_one_poll_get_their_tasks_in_one_transaction(collector: Collector) -> None:
    many = [routing(collector.clock) for _ in range(40)]
    await collector.consume(*many)
    assert len(await collector.rows(tables.Task)) == 80
    events = await collector.events()
    assert len({event.key for event in events}) == 40
    assert {event.body.task for event in events if isinstance(event.body, TaskRequested)} == {
        event.body.task for event in events if isinstance(event.body, TaskStatusChanged)
    }


async def test_a_completed_task_is_shown_to_the_referrer_and_told_to_the_gateway(
    collector: Collector,
) -> None:
    routed = await collector.route()
    task = await collector.task_b(routed)
    await collector.patch(task, status("accepted"))
    await collector.patch(task, status("in-progress"))
    output = {"type": {"text": "resulting-activity"}, "valueString": "neuvontakäynti"}
    done = await collector.patch(
        task, status("completed"), {"op": "add", "path": "/output", "value": [output]}, note("Hyvin meni.")
    )
    assert (done.task.version, done.task.state.status) == (4, "completed")
    a = await collector.document(routed.referral)
    assert (a["status"], a["output"], a["note"]) == ("completed", [output], [{"text": "Hyvin meni."}])
    changes = [event.body for event in await collector.events() if isinstance(event.body, TaskStatusChanged)]
    assert [change.status for change in changes] == ["requested", "accepted", "in-progress", "completed"]
    assert changes[-1].ended_at is not None
    assert (changes[-1].releases_quota, changes[-1].reroute) == (False, "never")
    write_backs = await collector.rows(tables.WriteBack)
    assert [row["sequence"] for row in write_backs] == [2, 3, 4]
    assert {(row["endpoint"], row["ordering_key"]) for row in write_backs} == {(EHR.client, routed.referral)}
    assert await collector.versions(task) == [1, 2, 3, 4]


async def test_a_record_system_that_polls_is_not_written_to(collector: Collector) -> None:
    routed = await collector.route(mode="poll", task_a=None, ehr_request=None)
    await collector.patch(await collector.task_b(routed), status("accepted"))
    assert (await collector.document(routed.referral))["status"] == "accepted"
    assert await collector.rows(tables.WriteBack) == []


async def test_a_delivered_notification_is_noted_on_both_tasks_and_not_worth_a_call(
    collector: Collector,
) -> None:
    routed = await collector.route()
    task = await collector.task_b(routed)
    event = (await collector.row(task))["watch_event"]
    told = delivered(routed.referral, task, event)
    await collector.consume(told, told)
    assert progress_of(await collector.document(task)) == "delivered"
    assert progress_of(await collector.document(routed.referral)) == "delivered"
    assert await collector.versions(task) == [1, 2]
    assert await collector.rows(tables.WriteBack) == []
    assert (await collector.row(task))["watch_due"] is None


async def test_a_late_delivery_does_not_mark_a_task_that_has_its_answer(collector: Collector) -> None:
    routed = await collector.route()
    task = await collector.task_b(routed)
    await collector.patch(task, status("accepted"))
    await collector.consume(delivered(routed.referral, task))
    assert progress_of(await collector.document(task)) is None


async def test_no_capacity_leaves_task_a_open_until_the_next_provider_answers(collector: Collector) -> None:
    first = await collector.route()
    await collector.patch(await collector.task_b(first), status("rejected"), reason("no-capacity"))
    assert (await collector.document(first.referral))["status"] == "requested"
    second = await collector.route(referral=first.referral, provider="hamina-liikunta")
    a = await collector.document(first.referral)
    assert (a["status"], progress_of(a)) == ("requested", "rerouted")
    task = await collector.task_b(second)
    assert task != await collector.task_b(first)
    requested = [event for event in await collector.events() if isinstance(event.body, TaskRequested)]
    assert [event.headers["ce_sequence"] for event in requested] == ["1", "2"]
    from_hamina = type(PROVIDER)("hamina-liikunta", "provider")
    await collector.patch(task, status("accepted"), by=from_hamina)
    await collector.patch(task, status("completed"), by=from_hamina)
    assert (await collector.document(first.referral))["status"] == "completed"


async def test_when_nobody_is_left_the_last_end_becomes_task_a_s(collector: Collector) -> None:
    routed = await collector.route()
    task = await collector.task_b(routed)
    await collector.patch(task, status("rejected"), reason("no-capacity"), note("Kurssi on täynnä."))
    await collector.consume(
        ReferralUnroutable(referral=routed.referral, service_request=routed.service_request)
    )
    a = await collector.document(routed.referral)
    assert (a["status"], reason_of(a)) == ("rejected", "no-capacity")
    assert a["note"] == [{"text": "Kurssi on täynnä."}]
    assert len(await collector.rows(tables.WriteBack)) == 1


async def test_without_permission_to_return_the_referrer_sees_the_status_alone(collector: Collector) -> None:
    routed = await collector.route(return_permitted=False)
    task = await collector.task_b(routed)
    await collector.patch(task, status("accepted"), progress("scheduled"))
    await collector.patch(task, status("failed"), reason("client-declined"), note("Ei halunnut."))
    a = await collector.document(routed.referral)
    assert (a["status"], reason_of(a)) == ("failed", "withheld")
    assert "note" not in a
    assert "businessStatus" not in a


async def test_an_explained_other_reason_is_kept_word_for_word(collector: Collector) -> None:
    routed = await collector.route()
    task = await collector.task_b(routed)
    await collector.patch(task, status("rejected"), reason("other", text="Ohjaaja sairastui."))
    for document in (await collector.document(task), await collector.document(routed.referral)):
        assert document["statusReason"]["text"] == "Ohjaaja sairastui."


async def test_a_stale_or_missing_version_and_a_stranger_change_nothing(collector: Collector) -> None:
    routed = await collector.route()
    task = await collector.task_b(routed)
    await collector.patch(task, status("accepted"))
    before = (await collector.row(task), await collector.events())
    for version, by, slug in (
        (1, PROVIDER, "version-conflict"),
        (2, type(PROVIDER)("other-provider", "provider"), "not-found"),
        (2, EHR, "not-found"),
    ):
        with pytest.raises(LahettiError) as refused:
            await collector.patch(task, status("in-progress"), by=by, version=version)
        assert refused.value.issues[0].slug == slug
    with pytest.raises(LahettiError) as refused:
        await collector.patch(new_id(), status("accepted"), version=1)
    assert refused.value.issues[0].slug == "not-found"
    assert (await collector.row(task), await collector.events()) == before


async def test_a_provider_is_not_told_of_its_own_end(collector: Collector) -> None:
    routed = await collector.route()
    await collector.patch(await collector.task_b(routed), status("rejected"), reason("wrong-referral"))
    assert not [event for event in await collector.events() if isinstance(event.body, TaskCancelled)]


def delivered(referral: str, task: str, event: str | None = None) -> DeliverySucceeded:
    return DeliverySucceeded(
        referral=referral,
        task=task,
        provider=PROVIDER.client,
        endpoint="endpoint-1",
        event=event or new_id(),
        attempts=1,
    )


async def test_of_two_reports_on_the_same_version_one_wins_and_the_other_is_told(
    collector: Collector,
) -> None:
    """INVARIANT: no report overwrites another unseen; else an end could be taken back by a late click."""
    routed = await collector.route()
    task = await collector.task_b(routed)
    for version in range(1, 6):
        step = progress("contacted") if version > 1 else status("accepted")
        answers = await asyncio.gather(
            *(
                collector.patch(task, step, note(f"Merkintä {version}.{n}"), version=version)
                for n in range(4)
            ),
            return_exceptions=True,
        )
        refused = [answer for answer in answers if isinstance(answer, LahettiError)]
        assert [one.issues[0].slug for one in refused] == ["version-conflict"] * 3
        assert (await collector.row(task))["version"] == version + 1
