"""The state machine against its table, written out once more by hand: every (from, to, by) triple."""

from itertools import product

import pytest
from outcome_collector.domain.task_moves import Moved, Refused, legal_moves, move, must_ask_to_stop
from outcome_collector.domain.task_state import ENDED, STATUSES, Change, Mover, TaskState
from support.task_stands import LEGAL, MOVERS, STANDS, change_to, slugs


@pytest.mark.parametrize(("stand", "to", "mover"), list(product(STANDS, STATUSES, MOVERS)))
def test_a_status_changes_only_as_the_table_says(stand: str, to: str, mover: Mover) -> None:
    state = STANDS[stand]
    answer = move(state, change_to(to, mover), mover)
    if to == state.status:
        expected = [] if state.is_open else ["task-ended"]
        assert [slug for slug in slugs(answer) if slug in ("task-ended", "illegal-move")] == expected
    elif to in LEGAL.get((stand, mover), set()):
        assert isinstance(answer, Moved), slugs(answer)
        assert answer.state.status == to
        assert answer.ended == (to in ENDED)
    else:
        assert slugs(answer) == ["illegal-move"]


@pytest.mark.parametrize(("stand", "mover"), list(product(STANDS, MOVERS)))
def test_the_legal_moves_that_a_refusal_names_are_those_of_the_table(stand: str, mover: Mover) -> None:
    state = STANDS[stand]
    assert set(legal_moves(state, mover)) == LEGAL.get((stand, mover), set())
    answer = move(state, Change(status="draft"), mover)
    assert isinstance(answer, Refused)
    (issue,) = answer.issues
    assert issue.params["status"] == state.status
    assert issue.params["legal"] == (", ".join(legal_moves(state, mover)) or "-")
    assert issue.expression == ("Task.status",)


def test_received_is_kept_as_opened_and_leaves_the_status() -> None:
    answer = move(TaskState(), Change(status="received"), "provider")
    assert isinstance(answer, Moved)
    assert (answer.state.status, answer.state.progress, answer.status_changed) == (
        "requested",
        "opened",
        False,
    )


@pytest.mark.parametrize("stand", [stand for stand in STANDS if stand != "requested"])
def test_received_is_illegal_once_the_task_has_been_answered(stand: str) -> None:
    assert slugs(move(STANDS[stand], Change(status="received"), "provider")) == ["illegal-move"]


def test_a_move_clears_the_reason_and_the_progress_of_the_status_before() -> None:
    paused = TaskState("on-hold", "waiting-for-place", "waitlisted", was_accepted=True)
    answer = move(paused, Change(status="in-progress"), "provider")
    assert isinstance(answer, Moved)
    assert (answer.state.reason, answer.state.progress) == (None, None)


def test_a_change_within_a_status_keeps_its_reason_and_progress() -> None:
    paused = TaskState("on-hold", "waiting-for-place", "waitlisted", was_accepted=True)
    answer = move(paused, Change(commented=True), "provider")
    assert isinstance(answer, Moved)
    assert answer.state == paused


@pytest.mark.parametrize(
    "progress", ["delivered", "rerouted", "cancellation-requested", "needs-attention", "lost"]
)
def test_a_provider_cannot_say_what_only_the_platform_knows(progress: str) -> None:
    change = Change(progress=progress, sets_progress=True)
    assert slugs(move(STANDS["accepted"], change, "provider")) == ["progress-unusable"]


@pytest.mark.parametrize("status", ENDED)
def test_an_ended_task_takes_no_further_notes(status: str) -> None:
    assert slugs(move(STANDS[status], Change(commented=True), "provider")) == ["task-ended"]


@pytest.mark.parametrize(
    ("stand", "asks"),
    [("requested", False), ("accepted", False), ("on-hold", False), ("on-hold, started", True),
     ("in-progress", True), ("completed", False)],
)  # fmt: skip
def test_the_provider_is_asked_to_stop_what_it_has_started(stand: str, asks: bool) -> None:
    assert must_ask_to_stop(STANDS[stand]) is asks


def test_all_that_is_wrong_is_said_at_once() -> None:
    change = Change(
        status="rejected", reason="other", sets_reason=True, progress="delivered", sets_progress=True
    )
    assert slugs(move(TaskState(), change, "provider")) == ["comment-required", "progress-unusable"]
