"""Which reason fits which end: each (reason, by, from) triple against the table."""

from itertools import product

import pytest
from outcome_collector.domain.task_moves import Moved, move
from outcome_collector.domain.task_state import Change, Mover, TaskState
from referral_contracts.status_reasons import REASON_STATUSES, STATUS_REASONS
from support.task_stands import LEGAL, STANDS, slugs, well_founded


@pytest.mark.parametrize(
    ("stand", "to", "mover"),
    [(stand, to, mover) for (stand, mover), targets in LEGAL.items() for to in sorted(targets)],
)
def test_a_reason_is_required_for_four_statuses_and_forbidden_for_the_others(
    stand: str, to: str, mover: Mover
) -> None:
    without = move(STANDS[stand], Change(status=to), mover)
    withheld = move(STANDS[stand], Change(status=to, reason="withheld", sets_reason=True), mover)
    if to in REASON_STATUSES:
        assert slugs(without) == ["status-reason-required"]
        assert slugs(withheld) == ["status-reason-unusable"]
    else:
        assert isinstance(without, Moved)
        assert slugs(withheld) == ["status-reason-forbidden"]


# (reason, by, before acceptance, after acceptance) as the county's table has it.
USABLE: list[tuple[str, Mover, set[str], set[str]]] = [
    ("client-not-reached", "provider", {"rejected"}, {"failed"}),
    ("client-declined", "provider", {"rejected"}, {"failed"}),
    ("life-situation-changed", "provider", {"rejected"}, {"failed"}),
    ("wrong-referral", "provider", {"rejected"}, {"failed"}),
    ("client-died", "provider", {"rejected"}, {"failed"}),
    ("client-died", "referrer", {"cancelled"}, {"cancelled"}),
    ("no-capacity", "provider", {"rejected"}, {"failed"}),
    ("no-response-in-time", "platform", {"cancelled"}, {"failed"}),
    ("permission-withdrawn", "platform", {"cancelled"}, {"cancelled"}),
    ("no-longer-needed", "referrer", {"cancelled"}, {"cancelled"}),
    ("raised-in-error", "referrer", {"cancelled"}, {"cancelled"}),
    ("waiting-for-client", "provider", set(), {"on-hold"}),
    ("client-away-or-ill", "provider", set(), {"on-hold"}),
    ("waiting-for-place", "provider", set(), {"on-hold"}),
    ("awaiting-information", "provider", set(), {"on-hold"}),
    ("provider-paused", "provider", set(), {"on-hold"}),
    ("other", "provider", {"rejected"}, {"failed", "on-hold"}),
    ("other", "referrer", {"cancelled"}, {"cancelled"}),
]


@pytest.mark.parametrize(
    ("reason", "mover", "stand"),
    list(product(STATUS_REASONS, ("provider", "referrer", "platform"), ("requested", "accepted"))),
)
def test_a_reason_is_usable_only_by_those_and_for_that_which_the_table_names(
    reason: str, mover: Mover, stand: str
) -> None:
    expected: set[str] = set()
    for code, by, before, after in USABLE:
        if (code, by) == (reason, mover):
            expected |= before if stand == "requested" else after
    allowed = {
        to
        for to in LEGAL[(stand, mover)] & REASON_STATUSES
        if isinstance(move(STANDS[stand], well_founded(to, reason), mover), Moved)
    }
    assert allowed == expected


def test_another_reason_needs_an_explanation() -> None:
    change = Change(status="rejected", reason="other", sets_reason=True)
    assert slugs(move(STANDS["requested"], change, "provider")) == ["comment-required"]


def test_not_reached_needs_the_number_of_attempts_given_or_recorded() -> None:
    change = Change(status="rejected", reason="client-not-reached", sets_reason=True)
    assert slugs(move(TaskState(), change, "provider")) == ["contact-attempts-required"]
    tried = move(TaskState(), Change(progress="contact-attempted", sets_progress=True), "provider")
    assert isinstance(tried, Moved)
    assert tried.state.contact_attempts == 1
    ended = move(tried.state, change, "provider")
    assert isinstance(ended, Moved)
    assert ended.state.contact_attempts == 1


def test_zero_attempts_are_not_a_number_of_attempts() -> None:
    change = Change(status="rejected", reason="client-not-reached", sets_reason=True, contact_attempts=0)
    assert slugs(move(TaskState(), change, "provider")) == ["contact-attempts-required"]


def test_the_reason_of_a_pause_may_change_but_not_go() -> None:
    paused = STANDS["on-hold"]
    other = move(paused, Change(reason="provider-paused", sets_reason=True), "provider")
    assert isinstance(other, Moved)
    assert other.state.reason == "provider-paused"
    assert slugs(move(paused, Change(sets_reason=True), "provider")) == ["status-reason-required"]
