import json

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.parameters import Parameters
from provider_notifier.domain.endpoints import UnreadableEndpointError, listeners, read_endpoint
from provider_notifier.domain.mail import mail_about
from provider_notifier.domain.notice import Notice, notification
from provider_notifier.domain.plan import plan
from provider_notifier.use_cases.give_secret import is_secret, new_secret
from support.notifier import HTEST, a_fhir_endpoint, a_notice, an_address

BASE = "https://lahetti.example.org"
LINK = "https://lahetti.example.org/p/abc"


def bundle_of(notice: Notice) -> dict:
    return json.loads(
        notification(notice, event="e1", endpoint="gym-webhook", number=3, public_base_url=BASE)
    )


def test_the_notification_is_a_history_bundle_with_a_status_and_the_task_by_id_only() -> None:
    notice = a_notice()

    bundle = bundle_of(notice)

    Bundle.model_validate(bundle)
    status, focus = bundle["entry"]
    Parameters.model_validate(status["resource"])
    assert bundle["type"] == "history"
    assert focus == {
        "fullUrl": f"{BASE}/fhir/Task/{notice.task}",
        "request": {"method": "GET", "url": f"Task/{notice.task}"},
        "response": {"status": "200"},
    }
    values = {p["name"]: p for p in status["resource"]["parameter"]}
    assert values["type"]["valueCode"] == "event-notification"
    parts = {p["name"]: p for p in values["notification-event"]["part"]}
    assert parts["event-number"]["valueString"] == "3"
    assert parts["focus"]["valueReference"]["reference"] == f"{BASE}/fhir/Task/{notice.task}"


def test_each_attempt_carries_the_same_bytes() -> None:
    notice = a_notice()

    again = Notice.from_bytes(notice.to_bytes())

    assert again == notice
    assert bundle_of(again) == bundle_of(notice)


def test_a_test_says_so_in_the_bundle_and_a_real_one_does_not() -> None:
    assert bundle_of(a_notice(test=True))["meta"]["security"] == [HTEST]
    assert "security" not in bundle_of(a_notice())["meta"]


@pytest.mark.parametrize("event", ["task.requested", "task.reminder", "task.cancelled"])
def test_a_mail_holds_the_link_in_three_languages_and_no_id(event: str) -> None:
    mail = mail_about(event, LINK, test=False)

    assert mail.text.count(LINK) == 3
    assert all(word in mail.subject for word in ("ähete", "remiss", "referral"))
    assert "TEST" not in mail.subject + mail.text
    assert "\n" not in mail.subject


def test_a_new_referral_waits_and_a_cancelled_one_has_changed() -> None:
    assert mail_about("task.requested", LINK, test=False).subject.startswith("Teitä odottaa lähete")
    assert mail_about("task.cancelled", LINK, test=False).subject.startswith("Lähete on muuttunut")


def test_a_test_mail_says_so_first() -> None:
    mail = mail_about("task.requested", LINK, test=True)

    assert mail.subject.startswith("TEST")
    assert mail.text.startswith("TEST")


def test_an_endpoint_is_read_from_fhir() -> None:
    webhook = read_endpoint(a_fhir_endpoint(version=7, test=True))
    mail = read_endpoint(a_fhir_endpoint(address="mailto:info@gym.example.org", status="off"))

    assert (webhook.provider, webhook.version, webhook.channel) == ("gym", 7, "webhook")
    assert (webhook.active, webhook.test) == (True, True)
    assert (mail.channel, mail.address, mail.active) == ("email", "info@gym.example.org", False)


@pytest.mark.parametrize("missing", ["address", "managingOrganization", "meta", "id"])
def test_an_endpoint_without_what_delivering_needs_is_unreadable(missing: str) -> None:
    resource = a_fhir_endpoint()
    del resource[missing]

    with pytest.raises(UnreadableEndpointError):
        read_endpoint(resource)


def test_tests_go_to_endpoints_registered_for_tests_and_real_ones_to_the_others() -> None:
    real, test = an_address(id="real"), an_address(id="test", test=True)
    off = an_address(id="off", active=False)

    assert listeners([real, test, off], test=True) == [test]
    assert listeners([real, test, off], test=False) == [real]


def test_each_listening_endpoint_gets_a_delivery() -> None:
    planned = plan("e1", 4, a_notice(), [an_address(id="a"), an_address(id="b", channel="email")])

    assert [(p.endpoint, p.channel, p.sequence) for p in planned] == [("a", "webhook", 4), ("b", "email", 4)]
    assert all(p.has_listener for p in planned)


def test_an_event_that_no_endpoint_may_hear_of_is_still_a_delivery_for_a_person_to_see() -> None:
    (planned,) = plan("e1", 1, a_notice(test=True), [an_address()])

    assert not planned.has_listener


def test_a_new_secret_is_one_that_standard_webhooks_allows() -> None:
    assert is_secret(new_secret())
    assert new_secret() != new_secret()
    for wrong in ("", "whsec_", "whsec_c2hvcnQ=", "secret", "whsec_" + "A" * 100, "whsec_ä"):
        assert not is_secret(wrong)
