"""A process that cannot start says why in one line, with the exit code that `run_roles` promises."""

import socket
from pathlib import Path

import pytest
from service_runtime.processes import run_roles
from service_runtime.tokens import generate_keys
from support.processes import free_port
from support.small_process import Settings, build, pending_migrations

USAGE = "small: usage: name one or several of api, loop, raises, returns, blocks, or all"


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {
        "SMALL_NOTES": str(tmp_path),
        "LAHETTI_DATABASE_URL": "postgresql://small:hidden@db.example.org:5432/small",
        "LAHETTI_EVENT_LOG_URL": f"sqlite:///{tmp_path}/events.db",
        "LAHETTI_PUBLIC_BASE_URL": "http://127.0.0.1",
        "LAHETTI_GATEWAY_URL": "http://127.0.0.1",
        "LAHETTI_COLLECTOR_URL": "http://127.0.0.1",
        "LAHETTI_JWKS_FILE": str(generate_keys(tmp_path / "keys").public),
        "LAHETTI_SMALL_PORT": str(free_port()),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def outcome(roles: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> tuple[object, list[str]]:
    with pytest.raises(SystemExit) as ended:
        run_roles("small", Settings, build, pending_migrations, roles)
    return ended.value.code, capfd.readouterr().err.splitlines()


@pytest.mark.parametrize(
    ("roles", "variable", "value", "code", "line"),
    [
        ((), "LAHETTI_INSTANCE", "0", 2, USAGE),
        (("api", "cook"), "LAHETTI_INSTANCE", "0", 2, USAGE),
        (("all", "api"), "LAHETTI_INSTANCE", "0", 2, USAGE),
        (
            ("loop",),
            "LAHETTI_SMALL_PORT",
            "many",
            2,
            "small: settings: LAHETTI_PORT: Input should be a valid integer",
        ),
        (
            ("loop",),
            "LAHETTI_GATEWAY_URL",
            "gateway",
            2,
            "small: settings: LAHETTI_GATEWAY_URL: Value error, must be",
        ),
        (
            ("loop",),
            "LAHETTI_SMALL_EVENT_LOG_URL",
            "mysql://x",
            2,
            "small: settings: the event log is sqlite",
        ),
        (
            ("loop",),
            "SMALL_DATABASE",
            "old",
            3,
            "small: the database is not up to date: run `lahetti migrate small`",
        ),
        (
            ("loop",),
            "SMALL_DATABASE",
            "down",
            3,
            "small: the database db.example.org:5432/small cannot be reached",
        ),
        (
            ("loop",),
            "LAHETTI_JWKS_FILE",
            "/nowhere/jwks.json",
            3,
            "small: cannot read the key file /nowhere/jwks.json",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    roles: tuple[str, ...],
    variable: str,
    value: str,
    code: int,
    line: str,
) -> None:
    monkeypatch.setenv(variable, value)
    ended, said = outcome(roles, capfd)
    assert (ended, len(said)) == (code, 1)
    assert said[0].startswith(line)
    assert "hidden" not in said[0]


def test_a_missing_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LAHETTI_DATABASE_URL")
    assert outcome(("loop",), capfd) == (2, ["small: settings: LAHETTI_DATABASE_URL: Field required"])


def test_a_port_of_somebody_else_is_named(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        monkeypatch.setenv("LAHETTI_SMALL_PORT", str(port))
        assert outcome(("api",), capfd) == (
            3,
            [f"small: cannot listen on 127.0.0.1:{port}: Address already in use"],
        )


def test_a_role_that_returns_unasked_ends_its_process(capfd: pytest.CaptureFixture[str]) -> None:
    ended, said = outcome(("returns",), capfd)
    assert (ended, said[-1]) == (1, "small: role returns returned without being asked")
