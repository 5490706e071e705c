"""The state machine against its table, written out here once more by hand: every (from, to, by) triple."""

from itertools import product

import pytest
from outcome_collector.domain.task_moves import Moved, Refused, legal_moves, move, must_ask_to_stop
from outcome_collector.domain.task_state import ENDED, OPEN, STATUSES, Change, Mover, TaskState
from referral_contracts.status_reasons import REASON_STATUSES, STATUS_REASONS

MOVERS: tuple[Mover, ...] = ("provider", "referrer", "platform", "agreement")

# Where a Task can stand, with what it has been before.
STANDS = {
    "requested": TaskState("requested"),
    "accepted": TaskState("accepted", was_accepted=True),
    "in-progress": TaskState("in-progress", was_accepted=True, was_in_progress=True),
    "on-hold": TaskState("on-hold", "waiting-for-place", was_accepted=True),
    "on-hold, started": TaskState("on-hold", "waiting-for-place", was_accepted=True, was_in_progress=True),
    "rejected": TaskState("rejected", "no-capacity"),
    "completed": TaskState("completed", was_accepted=True, was_in_progress=True),
    "failed": TaskState("failed", "client-declined", was_accepted=True),
    "cancelled": TaskState("cancelled", "no-longer-needed", was_accepted=True),
    "entered-in-error": TaskState("entered-in-error"),
}

LEGAL: dict[tuple[str, Mover], set[str]] = {
    ("requested", "provider"): {"accepted", "rejected"},
    ("requested", "referrer"): {"cancelled", "entered-in-error"},
    ("requested", "platform"): {"cancelled"},
    ("accepted", "provider"): {"in-progress", "on-hold", "completed", "failed"},
    ("accepted", "referrer"): {"cancelled", "entered-in-error"},
    ("accepted", "platform"): {"failed", "cancelled"},
    ("in-progress", "provider"): {"on-hold", "completed", "failed"},
    ("in-progress", "referrer"): {"entered-in-error"},
    ("in-progress", "platform"): {"failed", "cancelled"},
    ("in-progress", "agreement"): {"cancelled"},
    ("on-hold", "provider"): {"in-progress", "completed", "failed"},
    ("on-hold", "referrer"): {"cancelled", "entered-in-error"},
    ("on-hold", "platform"): {"failed", "cancelled"},
    ("on-hold, started", "provider"): {"in-progress", "completed", "failed"},
    ("on-hold, started", "referrer"): {"entered-in-error"},
    ("on-hold, started", "platform"): {"failed", "cancelled"},
    ("on-hold, started", "agreement"): {"cancelled"},
    ("rejected", "referrer"): {"entered-in-error"},
    ("completed", "referrer"): {"entered-in-error"},
    ("failed", "referrer"): {"entered-in-error"},
    ("cancelled", "referrer"): {"entered-in-error"},
}

REASONS = {
    ("provider", "rejected"): "wrong-referral",
    ("provider", "failed"): "wrong-referral",
    ("provider", "on-hold"): "waiting-for-place",
    ("referrer", "cancelled"): "no-longer-needed",
    ("agreement", "cancelled"): "no-longer-needed",
    ("platform", "cancelled"): "permission-withdrawn",
    ("platform", "failed"): "no-response-in-time",
}


def change_to(status: str, mover: Mover) -> Change:
    reason = REASONS.get((mover, status)) if status in REASON_STATUSES else None
    return Change(status=status, reason=reason, sets_reason=reason is not None)


def slugs(answer: Moved | Refused) -> list[str]:
    return [issue.slug for issue in answer.issues] if isinstance(answer, Refused) else []


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
        if isinstance(move(STANDS[stand], _well_founded(to, reason), mover), Moved)
    }
    assert allowed == expected


def _well_founded(to: str, reason: str) -> Change:
    return Change(status=to, reason=reason, sets_reason=True, commented=True, contact_attempts=2)


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


def test_the_reason_of_a_pause_may_change_but_not_go() -> None:
    paused = STANDS["on-hold"]
    other = move(paused, Change(reason="provider-paused", sets_reason=True), "provider")
    assert isinstance(other, Moved)
    assert other.state.reason == "provider-paused"
    assert slugs(move(paused, Change(sets_reason=True), "provider")) == ["status-reason-required"]


@pytest.mark.parametrize(
    "progress", ["delivered", "rerouted", "cancellation-requested", "needs-attention", "lost"]
)
def test_a_provider_cannot_say_what_only_the_platform_knows(progress: str) -> None:
    change = Change(progress=progress, sets_progress=True)
    assert slugs(move(STANDS["accepted"], change, "provider")) == ["progress-unusable"]


@pytest.mark.parametrize("status", ENDED)
def test_an_ended_task_takes_no_further_notes(status: str) -> None:
    assert slugs(move(STANDS[status], Change(commented=True), "provider")) == ["task-ended"]


# (reason, before it started, after it started) gives the number back?
QUOTA = [
    ("client-not-reached", False, False, "never"),
    ("client-declined", True, False, "never"),
    ("life-situation-changed", True, False, "never"),
    ("wrong-referral", True, True, "case"),
    ("client-died", True, True, "never"),
    ("no-capacity", True, True, "automatic"),
    ("other", False, False, "case"),
]


@pytest.mark.parametrize(("reason", "not_started", "started", "reroute"), QUOTA)
def test_quota_and_routing_follow_from_the_reason(
    reason: str, not_started: bool, started: bool, reroute: str
) -> None:
    for stand, released in (("accepted", not_started), ("in-progress", started)):
        answer = move(STANDS[stand], _well_founded("failed", reason), "provider")
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
    answer = move(STANDS["accepted"], _well_founded("cancelled", reason), "referrer")
    assert isinstance(answer, Moved)
    assert answer.reroute == "never"


def test_an_error_gives_the_number_back_only_where_the_task_still_held_it() -> None:
    for stand, released in (("accepted", True), ("completed", False)):
        answer = move(STANDS[stand], Change(status="entered-in-error"), "referrer")
        assert isinstance(answer, Moved)
        assert answer.releases_quota is released


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
