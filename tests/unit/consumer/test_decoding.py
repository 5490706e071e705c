import pytest
from service_runtime.event_log.port import Record
from service_runtime.events import UndecodableError, decoder

HEADERS = {
    "ce_specversion": "1.0",
    "ce_id": "01900000-0000-7000-8000-00000000000A",
    "ce_type": "counted",
    "ce_source": "/gateway",
    "ce_time": "2026-03-02T09:00:00+02:00",
    "ce_subject": "referral-1",
    "ce_sequence": "4",
}


def parse(event_type: str, value: bytes) -> str:
    if event_type != "counted":
        raise ValueError(f"unknown type {event_type}")
    return value.decode("ascii")


def read(value: bytes = b"body", **changed: str | None):
    headers = {name: text for name, text in (HEADERS | changed).items() if text is not None}
    return decoder(parse)(Record("events", 0, 1, "key", headers, value))


def test_an_event_is_read_with_its_attributes():
    event = read()
    assert (event.id, event.type, event.sequence) == ("01900000-0000-7000-8000-00000000000a", "counted", 4)
    assert (event.subject, event.source, event.data) == ("referral-1", "/gateway", "body")
    assert event.time.isoformat() == "2026-03-02T09:00:00+02:00"
    assert read(ce_sequence=None).sequence is None


@pytest.mark.parametrize(
    "changed",
    [
        {"ce_id": None},
        {"ce_id": "7"},
        {"ce_time": "yesterday"},
        {"ce_time": "2026-03-02T09:00:00"},
        {"ce_sequence": "four"},
        {"ce_specversion": "2.0"},
        {"ce_subject": None},
        {"ce_type": "unheard-of"},
    ],
)
def test_what_is_not_an_event_of_ours_is_refused_without_repeating_any_of_it(changed):
    with pytest.raises(UndecodableError) as refused:
        read(**changed)
    assert not any(text and text in str(refused.value) for text in changed.values())


def test_a_body_that_the_contract_refuses_is_undecodable():
    with pytest.raises(UndecodableError):
        read("ä".encode())
