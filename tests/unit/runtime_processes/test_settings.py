"""Where settings come from, and that they cannot be changed or leak."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from support.small_process import Settings

WHOLE = {
    "database_url": "postgresql://small:hidden@db.example.org/small",
    "event_log_url": "kafka://broker.example.org:9092",
    "public_base_url": "https://lahetti.example.org/",
    "gateway_url": "http://gateway:8000",
    "collector_url": "http://collector:8000",
}


def test_a_service_overrides_what_all_share(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WHOLE.items():
        monkeypatch.setenv(f"LAHETTI_{name.upper()}", value)
    monkeypatch.setenv("LAHETTI_PORT", "8001")
    monkeypatch.setenv("LAHETTI_SMALL_PORT", "8002")
    monkeypatch.setenv("LAHETTI_OTHER_PORT", "8003")
    settings = Settings()  # pyright: ignore[reportCallIssue]
    assert (settings.port, settings.event_log_url) == (8002, WHOLE["event_log_url"])


def test_only_kafka_s_topics_can_be_somebody_else_s() -> None:
    external = {**WHOLE, "topics_managed": "external"}
    assert Settings(**external).topics_managed == "external"  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValidationError, match="topics_managed"):
        Settings(**external | {"event_log_url": "sqlite:////tmp/events.db"})  # pyright: ignore[reportArgumentType]


def test_what_is_given_in_code_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAHETTI_SMALL_PORT", "8002")
    assert Settings(**WHOLE, port=9000).port == 9000  # pyright: ignore[reportArgumentType]


def test_base_addresses_have_no_trailing_slash() -> None:
    assert Settings(**WHOLE).public_base_url == "https://lahetti.example.org"  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "address", ["lahetti.example.org", "ftp://x.example.org", "https://", "https://x/?a=1"]
)
def test_a_base_address_is_one_of_the_web(address: str) -> None:
    with pytest.raises(ValidationError):
        Settings(**WHOLE | {"public_base_url": address})  # pyright: ignore[reportArgumentType]


def test_settings_do_not_change(tmp_path: Path) -> None:
    settings = Settings(**WHOLE)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValidationError):
        settings.key_file = tmp_path


def test_the_error_of_a_wrong_setting_does_not_repeat_it() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**WHOLE | {"gateway_url": "secret-text"})  # pyright: ignore[reportArgumentType]
    assert "secret-text" not in str(refused.value)
