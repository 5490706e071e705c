"""What goes from Task B to Task A, and from ours to the record system's own."""

from outcome_collector.domain.returned import already_shows, applied_to_theirs, carried_to_a
from referral_contracts.systems import PROGRESS, STATUS_REASON

NOTE, OTHER = {"text": "Hyvin meni."}, {"text": "Oma."}
REASON = {"coding": [{"system": STATUS_REASON, "code": "no-capacity"}], "text": "Täynnä."}


def test_results_are_carried_only_with_permission() -> None:
    b = {"status": "completed", "output": [1], "note": [NOTE]}
    assert carried_to_a({"id": "a"}, b, return_permitted=True, routed_anew=False) == {
        "id": "a",
        "output": [1],
        "note": [NOTE],
    }
    assert carried_to_a({"id": "a"}, b, return_permitted=False, routed_anew=False) == {"id": "a"}


def test_what_the_provider_took_back_goes_but_not_what_an_earlier_provider_said() -> None:
    a = {"note": [NOTE]}
    assert carried_to_a(a, {}, return_permitted=True, routed_anew=False) == {}
    assert carried_to_a(a, {}, return_permitted=True, routed_anew=True) == a


def test_theirs_is_kept_and_ours_is_added_once() -> None:
    theirs = {"id": "x", "status": "requested", "description": "d", "note": [OTHER]}
    ours = {"status": "accepted", "note": [NOTE], "businessStatus": {"coding": [{"system": PROGRESS}]}}
    once = applied_to_theirs(theirs, ours, {})
    assert once == theirs | ours | {"note": [OTHER, NOTE]}
    assert applied_to_theirs(once, ours, ours) == once
    assert already_shows(once, ours, ours)
    assert not already_shows(theirs, ours, {})


def test_codes_that_no_longer_hold_go() -> None:
    theirs = {"status": "on-hold", "statusReason": REASON, "businessStatus": {}}
    assert applied_to_theirs(theirs, {"status": "in-progress"}, {}) == {"status": "in-progress"}


def test_of_a_list_only_what_was_ours_is_taken_away() -> None:
    theirs = {"status": "accepted", "note": [OTHER, NOTE]}
    assert applied_to_theirs(theirs, {"status": "accepted"}, {"note": [NOTE]})["note"] == [OTHER]
    assert "note" not in applied_to_theirs({"status": "x", "note": [NOTE]}, {"status": "x"}, {"note": [NOTE]})
