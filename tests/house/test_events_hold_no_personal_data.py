"""Rule 2: topics carry ids, versions and times. The list below is the whole of what may travel.

A new field is argued for here.
"""

import pytest
from referral_contracts import events

TASK_NOTICE = {"referral", "task", "version", "provider", "test", "urgent", "permitted_until"}
FIELDS = {
    "referral.routed": {
        "referral", "service_request", "provider", "client", "test", "protected", "urgent",
        "accept_by", "contact_by", "remind_at", "mode", "task_a", "ehr_request", "return_permitted",
        # Times at which a permission runs out by itself: the readers must stop then without being told.
        "permitted_until", "return_until",
    },
    "referral.held": {
        "referral", "client", "test", "protected", "urgent", "contact_by", "mode", "task_a", "ehr_request",
        "return_permitted", "return_until",
        "waits_for",  # a person of ours or a place: what Task A tells its referrer, and nothing of the client
    },
    "referral.revoked": {"referral", "service_request", "by"},
    "referral.refused": {"client", "code"},
    "referral.unroutable": {"referral", "service_request"},
    "referral.closed": {"referral"},
    "task.requested": TASK_NOTICE,
    "task.cancellation-requested": TASK_NOTICE,
    "task.cancelled": TASK_NOTICE,
    "task.reminder": TASK_NOTICE,
    "task.delivery-asked": {"referral", "task", "provider", "event"},
    "delivery.succeeded": {"referral", "task", "provider", "endpoint", "event", "attempts"},
    "delivery.exhausted": {"referral", "task", "provider", "endpoint", "event", "attempts"},
    "delivery.stalled": {"referral", "task", "provider", "endpoint", "event", "attempts"},
    # Which of the platform's own two grounds: that a Task was cancelled is told on its topic anyway.
    "delivery.stopped": {"referral", "task", "provider", "endpoint", "event", "attempts", "why"},
    "task.status-changed": {
        "referral", "service_request", "task", "version", "status", "releases_quota", "reroute", "ended_at",
    },
    "write-back.succeeded": {"referral", "version", "final"},
    "write-back.exhausted": {"referral", "version"},
    "task.stranded": {"referral", "task", "missing"},
    "provider.changed": {"provider", "version"},
    "endpoint.changed": {"endpoint", "provider", "version"},
    "access.changed": {"name", "refused", "issued_until", "until"},  # the name is a digest
    "record.dead-lettered": {
        "consumer", "topic", "lane", "offset", "event", "reason", "attempts", "first_at", "last_at",
    },
}  # fmt: skip


def test_the_events_carry_exactly_the_fields_argued_for() -> None:
    assert {model.type: set(model.model_fields) for model in events.ALL} == FIELDS


def test_an_event_body_with_any_other_field_is_refused() -> None:
    body = b'{"referral": "01900000-0000-7000-8000-000000000000", "name": "x"}'
    with pytest.raises(events.UnknownEventError) as refused:
        events.parse("referral.closed", body)
    assert "name" not in str(refused.value)
