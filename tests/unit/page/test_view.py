"""What the page shows and offers, by the state of the Task."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from outcome_collector.domain.task import Deadlines, Task
from outcome_collector.domain.task_state import ENDED, TaskState
from outcome_collector.entrypoints.page.view import PageView, actions, view
from support.page import REASON_WORDS, documents

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DUE = datetime(2026, 3, 8, 22, 30, tzinfo=UTC)
ACCEPTED = TaskState("accepted", was_accepted=True)
STARTED = TaskState("in-progress", was_accepted=True, was_in_progress=True)


def shown(
    state: TaskState | None = None, *, at: datetime = NOW, given: Any = "yes", **facts: Any
) -> PageView:
    task = Task(
        id="b", kind="B", referral="r", client="ehr-1", version=3, state=state or TaskState(), document=b"{}",
        last_updated=NOW, service_request="s", provider="kotka",
        deadlines=Deadlines(NOW, DUE, NOW), **facts,
    )  # fmt: skip
    return view(
        task=task,
        documents=documents() if given == "yes" else given,
        attempts=(),
        designations=REASON_WORDS,
        stop=None,
        at=at,
        language="fi",
    )


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (TaskState(), {"attempt", "accept", "end"}),
        (ACCEPTED, {"attempt", "start", "complete", "pause", "end"}),
        (STARTED, {"attempt", "complete", "pause", "end"}),
        (
            TaskState("on-hold", "waiting-for-client", was_accepted=True),
            {"attempt", "start", "complete", "end"},
        ),
        *((TaskState(status), set[str]()) for status in ENDED),
    ],
)
def test_the_forms_are_those_of_the_state_machine(state: TaskState, offered: set[str]) -> None:
    assert actions(state) == offered


def test_before_acceptance_the_reasons_are_those_of_a_refusal_and_after_it_those_of_a_failure() -> None:
    before, after = shown(), shown(ACCEPTED)
    codes = [reason.code for reason in before.end_reasons]
    assert codes[0] == "client-not-reached"
    assert {"client-declined", "life-situation-changed", "wrong-referral", "no-capacity", "other"} < set(
        codes
    )
    assert [reason.code for reason in after.end_reasons] == codes
    assert before.pause_reasons == ()
    assert [reason.code for reason in after.pause_reasons][-1] == "other"
    assert [reason.code for reason in after.end_reasons if reason.comment_mandatory] == ["other"]


def test_not_reached_can_be_chosen_once_somebody_tried() -> None:
    blocked = [reason.code for reason in shown().end_reasons if reason.blocked]
    assert blocked == ["client-not-reached"]
    tried = shown(TaskState(progress="contact-attempted", contact_attempts=1))
    assert not any(reason.blocked for reason in tried.end_reasons)


def test_the_day_of_the_promise_is_finland_s() -> None:
    """Half past midnight on 9 March in Helsinki is still 8 March in UTC."""
    due = shown().contact_by
    assert due is not None
    assert (due.date().isoformat(), shown().late) == ("2026-03-09", False)
    assert shown(at=DUE + timedelta(minutes=1)).late


@pytest.mark.parametrize(
    "state",
    [
        TaskState(progress="contacted"),
        TaskState(progress="scheduled"),
        STARTED,
        TaskState("rejected", "client-declined"),
    ],
)
def test_the_promise_is_not_asked_for_once_the_client_has_heard(state: TaskState) -> None:
    assert shown(state).contact_by is None


@pytest.mark.parametrize(
    ("progress", "told"),
    [
        ("opened", None),
        ("delivered", None),
        ("contact-attempted", "Yhteyttä yritetty"),
        ("scheduled", "Aika sovittu"),
    ],
)
def test_only_the_progress_that_tells_the_provider_something_is_shown(
    progress: str, told: str | None
) -> None:
    assert shown(TaskState(progress=progress)).progress == told


def test_without_the_permission_there_is_nobody_to_call_and_nothing_to_do() -> None:
    page = shown(given=None)
    assert (page.open, page.permitted, page.contact, page.actions) == (True, False, None, frozenset())
    assert (page.notes, page.reasons, page.referrer.name) == ((), (), "")


def test_the_end_shows_neither_person_nor_forms_even_where_they_could_be_read() -> None:
    page = shown(TaskState("cancelled", "permission-withdrawn"), protected=True, urgent=True)
    assert (page.contact, page.actions, page.withdrawn) == (None, frozenset(), True)
    assert (page.protected, page.urgent) == (False, False)


def test_reasons_are_in_the_county_s_words_and_in_the_referrer_s_where_it_has_none() -> None:
    given = documents(reasons=("physical-inactivity", "not-in-the-list"), other_reason="Haluaa liikkua")
    given[0]["reasonCode"].append({"text": "Selkä"})
    given[0]["reasonCode"].append({"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "Z72.3"}]})
    assert shown(given=given).reasons == ("liikkumattomuus", "not-in-the-list", "Haluaa liikkua", "Selkä")


def test_who_referred_is_shown_with_unit_and_number() -> None:
    referrer = shown().referrer
    assert (referrer.name, referrer.phones) == ("Terveydenhoitaja Tarja Testaaja", ("+358 5 000 0200",))
    assert referrer.unit == "Esimerkin sote-keskus, avovastaanotto"
