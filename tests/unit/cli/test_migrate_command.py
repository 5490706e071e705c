"""`lahetti migrate SERVICE` makes a database ready, says what it did, and names what is missing."""

import json
from pathlib import Path

import pytest
from lahetti.__main__ import run

SERVICES = ["referral-gateway", "provider-notifier", "outcome-collector"]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    values = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'service.db'}",
        "EVENT_LOG_URL": f"sqlite:///{tmp_path / 'events.db'}",
        "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
        "GATEWAY_URL": "http://127.0.0.1:8000",
        "COLLECTOR_URL": "http://127.0.0.1:8000",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"LAHETTI_{name}", value)


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("service", SERVICES)
def test_a_new_database_is_migrated_once(service: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["migrate", service, "--json"]) == 0
    assert run(["migrate", service, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [{"service": service, "migrated": True}, {"service": service, "migrated": False}]


def test_settings_that_are_missing_are_named_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["migrate", "referral-gateway"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert "lahetti: LAHETTI_DATABASE_URL: field required" in lines
    assert all(line.startswith("lahetti: LAHETTI_") for line in lines)


@pytest.mark.usefixtures("settings")
def test_a_database_that_does_not_answer_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAHETTI_DATABASE_URL", "postgresql://lahetti:secret@127.0.0.1:9/lahetti")
    assert run(["migrate", "referral-gateway"]) == 3
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "LAHETTI_DATABASE_URL" in err
    assert "secret" not in err
