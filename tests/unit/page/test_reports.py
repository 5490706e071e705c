"""What the page's forms report."""

import pytest
from outcome_collector.domain.task_state import TaskState
from outcome_collector.entrypoints.page.reports import MOST_COMMENT, comment_in, report_of, version_in
from referral_contracts.errors import LahettiError

REQUESTED = TaskState()
ACCEPTED = TaskState("accepted", was_accepted=True)


def refused(action: str, **fields: str) -> str:
    with pytest.raises(LahettiError) as raised:
        report_of(action, {"version": "2", **fields}, REQUESTED)
    return raised.value.issues[0].slug


@pytest.mark.parametrize(
    ("pressed", "progress"),
    [("no", "contact-attempted"), ("yes", "contacted"), ("scheduled", "scheduled")],
)
def test_an_attempt_reports_how_it_went(pressed: str, progress: str) -> None:
    report = report_of("attempts", {"version": "2", "reached": pressed}, REQUESTED)
    assert (report.version, report.progress, report.status) == (2, progress, None)


@pytest.mark.parametrize(
    ("action", "status"),
    [("acceptance", "accepted"), ("start", "in-progress"), ("completion", "completed")],
)
def test_a_step_reports_its_status(action: str, status: str) -> None:
    assert report_of(action, {"version": "2"}, ACCEPTED).status == status


def test_the_end_is_a_refusal_before_acceptance_and_a_failure_after_it() -> None:
    fields = {"version": "2", "reason": "client-declined", "comment": " Ei halunnut.\r\nKiitti. "}
    before, after = report_of("end", fields, REQUESTED), report_of("end", fields, ACCEPTED)
    assert (before.status, after.status) == ("rejected", "failed")
    assert (before.reason, before.comment) == ("client-declined", "Ei halunnut.\nKiitti.")


def test_waiting_is_reported_with_its_reason() -> None:
    report = report_of("pause", {"version": "2", "reason": "waiting-for-place"}, ACCEPTED)
    assert (report.status, report.reason, report.comment) == ("on-hold", "waiting-for-place", None)


def test_what_it_led_to_becomes_an_output_in_words() -> None:
    (output,) = report_of("completion", {"version": "2", "activity": "own"}, ACCEPTED).results
    assert output["type"]["coding"][0]["code"] == "resulting-activity"
    assert output["valueCodeableConcept"] == {"text": "Omatoiminen liikkuminen"}
    assert report_of("completion", {"version": "2", "activity": ""}, ACCEPTED).results == ()


def test_what_no_form_of_ours_sends_is_refused() -> None:
    assert refused("attempts") == "invalid-value"
    assert refused("attempts", reached="perhaps") == "invalid-value"
    assert refused("completion", activity="holiday") == "invalid-value"
    assert refused("end") == "status-reason-required"
    assert refused("erasure") == "not-found"
    for version in ("", "-1", "x", "1.0", "²", "٣", "9" * 10, "9" * 30):
        with pytest.raises(LahettiError):
            version_in({"version": version})


def test_a_long_comment_is_refused_and_never_cut() -> None:
    assert refused("end", reason="other", comment="a" * (MOST_COMMENT + 1)) == "comment-too-long"
    lines = "\r\n".join(["a"] * (MOST_COMMENT // 2))
    report = report_of("end", {"version": "2", "reason": "other", "comment": lines}, REQUESTED)
    assert report.comment == "\n".join(["a"] * (MOST_COMMENT // 2))


def test_a_comment_holds_nothing_that_a_database_or_a_record_system_cannot_take() -> None:
    assert comment_in({"comment": "a\x00b\x1b[31m\tc\rd"}) == "ab[31m\tc\nd"
