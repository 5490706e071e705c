"""What the end of a Task means for quota and routing."""

import pytest
from outcome_collector.domain.task_moves import Moved, move
from outcome_collector.domain.task_state import OPEN, Change, TaskState
from support.task_stands import STANDS, change_to, well_founded

# (reason, before it started, after it started) gives the number back?
QUOTA = [
    ("client-not-reached", False, False, "never"),
    ("client-declined", True, False, "never"),
    ("life-situation-changed", True, False, "never"),
    ("wrong-referral", True, True, "case"),
    ("client-died", True, True, "never"),
    ("no-capacity", True, True, "automatic"),
    ("other", False, False, "review"),
]


@pytest.mark.parametrize(("reason", "not_started", "started", "reroute"), QUOTA)
def test_quota_and_routing_follow_from_the_reason(
    reason: str, not_started: bool, started: bool, reroute: str
) -> None:
    for stand, released in (("accepted", not_started), ("in-progress", started)):
        answer = move(STANDS[stand], well_founded("failed", reason), "provider")
        assert isinstance(answer, Moved)
        assert (answer.ended, answer.releases_quota, answer.reroute) == (True, released, reroute)


@pytest.mark.parametrize("status", OPEN)
def test_a_withdrawn_permission_ends_any_open_task_at_once(status: str) -> None:
    answer = move(STANDS[status], change_to("cancelled", "platform"), "platform")
    assert isinstance(answer, Moved)
    assert (answer.state.reason, answer.releases_quota, answer.reroute) == (
        "permission-withdrawn",
        True,
        "never",
    )


def test_silence_is_routed_on() -> None:
    change = Change(status="cancelled", reason="no-response-in-time", sets_reason=True)
    answer = move(TaskState(), change, "platform")
    assert isinstance(answer, Moved)
    assert (answer.releases_quota, answer.reroute) == (True, "automatic")


def test_a_completed_task_keeps_its_number_and_is_not_routed_on() -> None:
    answer = move(STANDS["in-progress"], Change(status="completed"), "provider")
    assert isinstance(answer, Moved)
    assert (answer.ended, answer.releases_quota, answer.reroute) == (True, False, "never")


@pytest.mark.parametrize("reason", ["no-longer-needed", "raised-in-error", "client-died", "other"])
def test_what_the_referrer_ended_is_never_routed_on(reason: str) -> None:
    answer = move(STANDS["accepted"], well_founded("cancelled", reason), "referrer")
    assert isinstance(answer, Moved)
    assert answer.reroute == "never"


def test_an_error_gives_the_number_back_only_where_the_task_still_held_it() -> None:
    for stand, released in (("accepted", True), ("completed", False)):
        answer = move(STANDS[stand], Change(status="entered-in-error"), "referrer")
        assert isinstance(answer, Moved)
        assert answer.releases_quota is released
