"""What a fact about a Task means, decided without a database: over every order of generated histories."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from referral_gateway.domain.placement import ReferralState, RoutingState, TaskMoved, is_over, judge

AT = datetime(2026, 3, 2, tzinfo=UTC)
REFERRAL = ReferralState("r", "poll", revoked=False, withdrawn=False, shown=False, closed=False)
START = RoutingState("b", "r", 1, quota_taken=True)

ENDS = st.sampled_from(
    [
        ("completed", False, None),
        ("rejected", True, "automatic"),
        ("failed", True, "case"),
        ("failed", False, "review"),
        ("cancelled", True, "never"),
        ("rejected", False, "never"),
    ]
)


@st.composite
def histories(draw: st.DrawFn) -> list[TaskMoved]:
    """A Task's whole life, heard in some order, with repeats."""
    middle = draw(st.lists(st.sampled_from(["accepted", "in-progress", "on-hold"]), max_size=3))
    status, releases, reroute = draw(ENDS)
    told = [TaskMoved("t", 1, "requested", False, None, None)]
    told += [TaskMoved("t", number + 2, one, False, None, None) for number, one in enumerate(middle)]
    told.append(TaskMoved("t", len(told) + 1, status, releases, reroute, AT))  # type: ignore[arg-type]
    repeats = draw(st.lists(st.sampled_from(told), max_size=4))
    return draw(st.permutations([*told, *repeats]))


@given(histories())
def test_invariant_a_whole_history_ends_alike_in_every_order(history: list[TaskMoved]) -> None:
    """INVARIANT: the last version's status stands, a quota goes back once, what follows is done once."""
    routing, released, followed = START, 0, 0
    for fact in history:
        verdict = judge(REFERRAL, routing, fact)
        routing, released = verdict.routing, released + verdict.release_quota
        followed += verdict.next != "nothing"
    last = max(history, key=lambda fact: fact.version)
    assert (routing.status, routing.task_version, routing.task) == (last.status, last.version, "t")
    assert routing.ended_at == AT
    assert released == last.releases_quota
    assert routing.quota_taken is not last.releases_quota
    assert followed == (last.reroute in {"automatic", "case", "review"})
    assert is_over(REFERRAL, routing)


@given(histories())
def test_a_version_never_goes_back(history: list[TaskMoved]) -> None:
    routing, seen = START, [0]
    for fact in history:
        routing = judge(REFERRAL, routing, fact).routing
        seen.append(routing.task_version)
    assert all(before <= after for before, after in pairwise(seen))


def test_a_referral_that_is_written_back_is_over_only_when_the_ehr_shows_it() -> None:
    written = ReferralState("r", "write", revoked=False, withdrawn=False, shown=False, closed=False)
    ended = judge(written, START, TaskMoved("t", 2, "completed", False, None, AT)).routing
    assert not is_over(written, ended)
    shown = ReferralState("r", "write", revoked=False, withdrawn=False, shown=True, closed=False)
    assert is_over(shown, ended)
    closed = ReferralState("r", "write", revoked=False, withdrawn=False, shown=True, closed=True)
    assert not is_over(closed, ended)


def test_what_was_revoked_is_not_routed_on() -> None:
    for state in (
        ReferralState("r", "poll", revoked=True, withdrawn=False, shown=False, closed=False),
        ReferralState("r", "poll", revoked=False, withdrawn=True, shown=False, closed=False),
    ):
        verdict = judge(state, START, TaskMoved("t", 2, "rejected", True, "automatic", AT))
        assert verdict.next == "unroutable"
