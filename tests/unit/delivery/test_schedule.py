import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.schedule import EMAIL, WEBHOOK, Decision, Policy, decide
from service_runtime.delivery.sender import Attempted, Delivery
from service_runtime.ids import new_id
from support.clocks import StandingClock

CLOCK = StandingClock()
NOW = CLOCK.now()


def a_delivery(**given: Any) -> Delivery:
    known: dict[str, Any] = {
        "id": new_id(), "event_id": new_id(), "endpoint": "gym", "channel": "webhook", "ordering_key": "r",
        "sequence": 1, "payload": b"", "created_at": NOW, "attempt": 1, "attempt_id": new_id(), "spent": 0,
        "fault_since": None, "stalled": False, "token": new_id(),
    }  # fmt: skip
    return Delivery(**(known | given))


def after(outcome: AttemptClass, *, policy: Policy | None = None, **given: Any) -> Decision:
    retry_after = given.pop("retry_after", None)
    at = given.pop("at", NOW)
    attempted = Attempted(outcome, retry_after=retry_after)
    return decide(policy or Policy(delays=WEBHOOK), a_delivery(**given), attempted, at, random.Random(1))


def pause(decision: Decision) -> float:
    return (decision.due_at - NOW).total_seconds()


def test_the_webhook_schedule_has_eleven_attempts_over_68_7_hours() -> None:
    assert len(WEBHOOK) == 11
    assert sum(WEBHOOK) / 3600 == pytest.approx(68.7, abs=0.05)


def test_the_email_schedule_ends_within_72_hours() -> None:
    assert EMAIL[:6] == (0, 300, 900, 1800, 3600, 7200)
    assert set(EMAIL[6:]) == {14400}
    assert 68 <= sum(EMAIL) / 3600 <= 72


def test_a_delivery_that_arrived_is_done() -> None:
    assert after(AttemptClass.DELIVERED).state == "succeeded"


LIMITS = {
    "redirect_error": 4,
    "client_error": 4,
    "auth_error": 6,
    "gone": 1,
    "invalid_url": 1,
    "ssrf_blocked": 1,
    "mail_refused": 1,
    "no_listener": 1,
}
WHOLE_SCHEDULE = ("server_error", "unavailable", "timeout", "connection_refused", "connection_reset")
WHOLE_SCHEDULE += ("tls_error", "dns_error", "mail_deferred")


@pytest.mark.parametrize(
    ("outcome", "attempts"),
    [
        *((AttemptClass(name), n) for name, n in LIMITS.items()),
        *((AttemptClass(n), 11) for n in WHOLE_SCHEDULE),
    ],
)
def test_each_class_gives_up_after_its_own_number_of_attempts(outcome: AttemptClass, attempts: int) -> None:
    spent = 0
    while (decision := after(outcome, spent=spent)).state == "waiting":
        assert decision.spent == spent + 1
        spent = decision.spent

    assert (decision.state, decision.spent) == ("exhausted", attempts)


@given(seed=st.integers(), spent=st.integers(0, 9))
def test_each_delay_is_the_schedules_within_a_fifth(seed: int, spent: int) -> None:
    delivery = a_delivery(spent=spent)
    policy = Policy(delays=WEBHOOK)

    decision = decide(policy, delivery, Attempted(AttemptClass.REFUSED), NOW, random.Random(seed))

    assert WEBHOOK[spent + 1] * 0.8 <= pause(decision) <= WEBHOOK[spent + 1] * 1.2


def test_the_same_seed_gives_the_same_delay() -> None:
    first, second = (after(AttemptClass.REFUSED, spent=3) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("outcome", [AttemptClass.TIMEOUT, AttemptClass.UNAVAILABLE])
def test_a_timeout_or_503_is_followed_by_at_least_a_minute(outcome: AttemptClass) -> None:
    assert pause(after(outcome)) == 60
    assert pause(after(outcome, policy=Policy(delays=WEBHOOK, floor_seconds=0))) < 7


def test_429_waits_as_long_as_asked_and_spends_nothing() -> None:
    decision = after(AttemptClass.RATE_LIMITED, spent=4, retry_after=17.0)

    assert (decision.state, decision.spent, pause(decision)) == ("waiting", 4, 17.0)


def test_retry_after_is_honoured_up_to_an_hour_and_never_shortens_the_schedule() -> None:
    assert pause(after(AttemptClass.RATE_LIMITED, retry_after=90_000.0)) == 3600
    assert pause(after(AttemptClass.UNAVAILABLE, retry_after=600.0)) == 600
    assert pause(after(AttemptClass.SERVER, spent=6, retry_after=1.0)) > 6 * 3600 * 0.8


def test_a_receiver_that_says_429_for_ever_is_given_up_when_the_schedule_is_over() -> None:
    late = NOW + timedelta(seconds=sum(WEBHOOK) + 1)

    assert after(AttemptClass.RATE_LIMITED, at=late).state == "exhausted"


def test_a_fault_of_our_own_spends_nothing_and_is_tried_again_in_seconds() -> None:
    decision = after(AttemptClass.OWN_FAULT, spent=2)

    assert (decision.state, decision.spent, decision.fault_since) == ("waiting", 2, NOW)
    assert 4 <= pause(decision) <= 6
    assert not decision.reports_fault


def test_a_fault_of_our_own_is_told_once_after_ten_minutes() -> None:
    since = NOW - timedelta(minutes=10)

    assert after(AttemptClass.OWN_FAULT, fault_since=since).reports_fault
    assert not after(AttemptClass.OWN_FAULT, fault_since=since, stalled=True).reports_fault


def test_a_fault_of_our_own_never_exhausts() -> None:
    long_after = NOW + timedelta(days=30)

    assert after(AttemptClass.OWN_FAULT, at=long_after, spent=10).state == "waiting"


def test_an_answer_ends_the_time_of_our_own_fault() -> None:
    assert after(AttemptClass.SERVER, fault_since=NOW).fault_since is None


def test_a_policy_may_give_a_class_another_limit() -> None:
    policy = Policy(delays=WEBHOOK, limits=((AttemptClass.CLIENT, 1),))

    assert after(AttemptClass.CLIENT, policy=policy).state == "exhausted"
