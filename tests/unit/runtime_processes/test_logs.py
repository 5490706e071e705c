"""What may stand in a log line, ours and the libraries'."""

import io
import json
import logging

import pytest
from prometheus_client import CollectorRegistry, Counter
from service_runtime import logs


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    logs.configure(service="small", stream=stream)
    return stream


def only_line(stream: io.StringIO) -> dict[str, object]:
    (line,) = stream.getvalue().splitlines()
    return json.loads(line)


def test_a_line_is_json_with_time_level_service_and_event(stream: io.StringIO) -> None:
    logs.logger().info("delivery.attempted", delivery="d-1", ms=1.5)
    line = only_line(stream)
    assert line.pop("at")
    assert line == {
        "event": "delivery.attempted", "level": "info", "service": "small", "delivery": "d-1", "ms": 1.5
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        {"patient": "p-1"},
        {"name_of_client": "Testi Testinen"},
        {"reason": {"text": "x"}},
        {"reason": object()},
        {"reason": b"x"},
        {"reason": "x" * 301},
        {"at_frames": ["x" * 301]},
        {"at_frames": [{"a": 1}]},
    ],
)
def test_a_key_or_value_that_nobody_allowed_fails_the_test_that_wrote_it(
    stream: io.StringIO, line: dict[str, object]
) -> None:
    """INVARIANT: LAHETTI_STRICT_LOGS is on in all our tests; a new key must be argued for in the list."""
    with pytest.raises(logs.UnsafeLogError) as refused:
        logs.logger().info("something.happened", **line)
    assert str(refused.value) == f"not allowed in a log line: {next(iter(line))}"
    assert stream.getvalue() == ""


def test_in_production_it_is_left_out_and_counted(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAHETTI_STRICT_LOGS", "0")
    registry = CollectorRegistry()
    logs.count_dropped(Counter("dropped", "Dropped.", registry=registry))
    logs.logger().info("something.happened", patient="Testi Testinen", referral="r-1", reason=b"x")
    line = only_line(stream)
    assert (line["referral"], line["dropped_keys"]) == ("r-1", 2)
    assert "Testinen" not in stream.getvalue()
    assert registry.get_sample_value("dropped_total") == 2


def test_a_service_allows_its_own_keys(stream: io.StringIO) -> None:
    with pytest.raises(logs.UnsafeLogError):
        logs.logger().info("quota.taken", agreement_of_small="a-1")
    logs.allow_keys("agreement_of_small")
    logs.logger().info("quota.taken", agreement_of_small="a-1")
    assert only_line(stream)["agreement_of_small"] == "a-1"


def test_a_library_is_heard_from_warning_on_without_its_words(stream: io.StringIO) -> None:
    library = logging.getLogger("kafka.client")
    library.info("connected to %s", "broker")
    library.warning("could not send %s", "Testi Testinen")
    line = only_line(stream)
    assert (line["event"], line["level"], line["logger"]) == ("library.warned", "warning", "kafka.client")
    assert str(line["where"]).startswith("test_logs:")
    assert "Testinen" not in stream.getvalue()


def test_a_librarys_error_shows_its_places_and_not_its_text(stream: io.StringIO) -> None:
    try:
        raise ValueError("Testi Testinen")
    except ValueError:
        logging.getLogger("asyncio").exception("Testi %s", "Testinen")
    line = only_line(stream)
    assert (line["level"], line["error"]) == ("error", "ValueError")
    assert "Testinen" not in stream.getvalue()


def test_below_its_level_nothing_is_written(stream: io.StringIO) -> None:
    logs.logger().debug("something.happened", referral="r-1")
    assert stream.getvalue() == ""
