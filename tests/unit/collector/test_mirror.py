"""What the referrer sees: one Task A, however often the referral was routed anew."""

from itertools import product

import pytest
from outcome_collector.domain.mirror import may_overwrite, mirror, rerouted, worth_writing
from outcome_collector.domain.task_state import ENDED, OPEN, STATUSES, TaskState
from referral_contracts.status_reasons import REASON_STATUSES

RANK = {"requested": 0, "accepted": 1, "on-hold": 2, "in-progress": 2} | dict.fromkeys(ENDED, 3)


def state(status: str, **more: object) -> TaskState:
    reason = "no-capacity" if status in REASON_STATUSES else None
    reached = RANK[status] if status in OPEN else 2
    given: dict[str, object] = {
        "reason": reason,
        "was_accepted": reached >= 1 and status != "rejected",
        "was_in_progress": status == "in-progress",
    }
    return TaskState(status, **(given | more))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("a", "b", "permitted", "reroute"), list(
    product(STATUSES, STATUSES, (True, False), ("automatic", "case", "review", "never"))))  # fmt: skip
def test_invariant_task_a_never_moves_backwards(a: str, b: str, permitted: bool, reroute: str) -> None:
    """INVARIANT: a record system that acted on a status never sees it taken back."""
    before = state(a)
    after = mirror(before, state(b), return_permitted=permitted, reroute=reroute)  # pyright: ignore[reportArgumentType]
    assert RANK[after.status] >= RANK[before.status]
    if before.status in ENDED and b != "entered-in-error":
        assert after == before
    if not permitted and after != before:
        assert after.progress is None
        assert after.reason == ("withheld" if after.status in REASON_STATUSES else None)


@pytest.mark.parametrize("status", OPEN)
def test_an_open_task_is_shown_as_it_is(status: str) -> None:
    b = state(status, progress="contacted")
    a = mirror(TaskState(), b, return_permitted=True)
    assert (a.status, a.reason, a.progress) == (b.status, b.reason, b.progress)


def test_while_a_new_routing_may_follow_nothing_of_the_end_is_shown() -> None:
    a = TaskState()
    assert mirror(a, state("rejected"), return_permitted=True, reroute="automatic") == a


def test_the_last_end_becomes_task_a_s() -> None:
    a = mirror(TaskState(), state("rejected"), return_permitted=True, reroute="automatic", last=True)
    assert (a.status, a.reason) == ("rejected", "no-capacity")


@pytest.mark.parametrize("reroute", ["case", "never"])
def test_an_end_that_is_not_routed_on_is_shown_at_once(reroute: str) -> None:
    a = mirror(TaskState(), state("rejected"), return_permitted=True, reroute=reroute)  # pyright: ignore[reportArgumentType]
    assert a.status == "rejected"


def test_rejected_is_shown_as_failed_once_somebody_had_accepted() -> None:
    a = rerouted(mirror(TaskState(), state("accepted"), return_permitted=True), return_permitted=True)
    assert (a.status, a.progress) == ("accepted", "rerouted")
    a = mirror(a, state("rejected"), return_permitted=True, reroute="never")
    assert (a.status, a.reason) == ("failed", "no-capacity")


def test_a_new_provider_s_waiting_does_not_take_back_the_acceptance_before_it() -> None:
    a = mirror(state("in-progress"), TaskState("requested", progress="delivered"), return_permitted=True)
    assert (a.status, a.progress) == ("in-progress", "delivered")


def test_without_permission_to_return_only_the_status_is_shown() -> None:
    b = TaskState("failed", "client-declined", "no-show", was_accepted=True, contact_attempts=3)
    a = mirror(TaskState("accepted", was_accepted=True), b, return_permitted=False, reroute="never")
    assert (a.status, a.reason, a.progress, a.contact_attempts) == ("failed", "withheld", None, 0)
    assert rerouted(TaskState(), return_permitted=False).progress is None


def test_an_error_is_shown_even_after_the_end() -> None:
    a = mirror(state("completed"), TaskState("entered-in-error"), return_permitted=True, reroute="never")
    assert a.status == "entered-in-error"


@pytest.mark.parametrize(
    ("before", "after", "worth"),
    [
        (state("requested"), state("accepted"), True),
        (state("accepted"), state("accepted", progress="scheduled"), True),
        (state("accepted", progress="cancellation-requested"), state("accepted"), True),
        (state("requested"), state("requested", progress="delivered"), False),
        (state("requested", progress="delivered"), state("requested", progress="opened"), False),
        (state("accepted"), state("accepted"), False),
    ],
)
def test_the_record_system_is_called_for_what_somebody_acts_upon(
    before: TaskState, after: TaskState, worth: bool
) -> None:
    assert worth_writing(before, after) is worth


@pytest.mark.parametrize(("theirs", "ours"), list(product((*STATUSES, "draft", "received"), STATUSES)))
def test_a_task_that_the_record_system_moved_on_itself_is_not_taken_back(theirs: str, ours: str) -> None:
    expected = theirs == ours or (
        ours == "entered-in-error" if theirs in ENDED else RANK[ours] >= RANK.get(theirs, 0)
    )
    assert may_overwrite(theirs, ours) is expected
