"""A service as processes: how it starts, refuses to start, stops, fails and tells how it is."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from service_runtime.tokens import generate_keys
from support import small_process
from support.processes import Child, free_port, get, until

SCRIPT = str(Path(small_process.__file__))
Start = Callable[..., Child]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    keys = generate_keys(tmp_path / "keys")
    return {
        "SMALL_NOTES": str(tmp_path),
        "LAHETTI_DATABASE_URL": "postgresql://small:hidden@db.example.org:5432/small",
        "LAHETTI_EVENT_LOG_URL": f"sqlite:///{tmp_path}/events.db",
        "LAHETTI_PUBLIC_BASE_URL": "http://127.0.0.1",
        "LAHETTI_GATEWAY_URL": "http://127.0.0.1",
        "LAHETTI_COLLECTOR_URL": "http://127.0.0.1",
        "LAHETTI_JWKS_FILE": str(keys.public),
        "LAHETTI_SMALL_PORT": str(free_port()),
        "LAHETTI_HEALTH_PORT": str(free_port()),
    }


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    started: list[Child] = []

    def begin(*roles: str, **changes: str) -> Child:
        child = Child([SCRIPT, *roles], environment | changes, tmp_path / f"output-{len(started)}")
        started.append(child)
        return child

    yield begin
    for child in started:
        child.end()


def api(environment: dict[str, str], path: str) -> tuple[int, str] | None:
    return get(f"http://127.0.0.1:{environment['LAHETTI_SMALL_PORT']}{path}")


def probe(environment: dict[str, str], path: str) -> tuple[int, str] | None:
    return get(f"http://127.0.0.1:{environment['LAHETTI_HEALTH_PORT']}{path}")


def test_it_serves_and_stops_in_order_when_asked(
    start: Start, environment: dict[str, str], tmp_path: Path
) -> None:
    child = start("api", "loop")
    until(lambda: api(environment, "/who"), "the api answers")
    child.signal(signal.SIGTERM)
    assert child.code() == 0, child.text()
    assert (tmp_path / "loop-finished").exists()
    assert (tmp_path / "closed").exists()
    assert len(child.lines("process.stopped")) == 1


def test_an_open_request_is_answered_before_the_process_ends(
    start: Start, environment: dict[str, str], tmp_path: Path
) -> None:
    child = start("api")
    until(lambda: api(environment, "/who"), "the api answers")
    code = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{environment['LAHETTI_SMALL_PORT']}/slow').read())"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as client:
        until((tmp_path / "slow-began").exists, "the request is open")
        child.signal(signal.SIGINT)
        assert client.communicate()[0] == "b'done'\n"
    assert child.code() == 0


def test_a_role_that_raises_ends_its_process_and_says_where_not_what(start: Start) -> None:
    child = start("api", "raises")
    assert child.code() == 1
    (line,) = child.lines("role.failed")
    assert (line["role"], line["error"]) == ("raises", "ValueError")
    assert line["at_frames"][-1].endswith("_raises")
    assert "small: role raises failed: ValueError" in child.text()
    assert "Testinen" not in child.text()


def test_two_processes_share_the_port(start: Start, environment: dict[str, str]) -> None:
    start("api")
    start("api", LAHETTI_HEALTH_PORT="0")
    seen: set[str] = set()

    def both() -> bool:
        answer = api(environment, "/who")
        if answer:
            seen.add(answer[1])
        return len(seen) == 2

    until(both, "two processes answer on one port")


def test_a_blocked_loop_is_told_of_within_15_seconds_and_recovers(
    start: Start, environment: dict[str, str], tmp_path: Path
) -> None:
    """INVARIANT: a probe hears of a blocked loop; were it answered by that loop, it would hear nothing."""
    start("blocks", "api")
    assert until(lambda: probe(environment, "/livez"), "the probe answers")[0] == 200
    (tmp_path / "block").touch()
    began = time.monotonic()
    until(lambda: probe(environment, "/livez")[0] == 503, "livez tells of the blocked loop")  # type: ignore[index]
    assert time.monotonic() - began < 15
    assert probe(environment, "/readyz") == (503, '{"status":"failing","parts":{"event-loop":"no answer"}}')
    (tmp_path / "block").unlink()
    until(lambda: probe(environment, "/livez")[0] == 200, "livez tells of the recovery")  # type: ignore[index]


def test_probes_and_metrics_are_answered_beside_the_api(start: Start, environment: dict[str, str]) -> None:
    start("loop")
    status, body = until(lambda: probe(environment, "/readyz"), "the probe answers")
    assert (status, json.loads(body)["parts"]) == (200, {"event-log": "ok", "redis": "ok"})
    assert "lahetti_event_loop_lag_seconds" in probe(environment, "/metrics")[1]  # type: ignore[index]
    assert probe(environment, "/other") == (404, "{}")


def test_losing_redis_is_told_and_not_held_against_readiness(
    start: Start, environment: dict[str, str]
) -> None:
    start("loop", LAHETTI_REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    status, body = until(lambda: probe(environment, "/readyz"), "the probe answers")
    assert (status, json.loads(body)) == (
        200,
        {"status": "degraded", "parts": {"event-log": "ok", "redis": "failing"}},
    )


def test_sigusr1_prints_all_stacks_and_nothing_ends(start: Start, environment: dict[str, str]) -> None:
    child = start("loop")
    until(lambda: child.lines("process.started"), "the process has started")
    child.signal(signal.SIGUSR1)
    until(lambda: "Current thread" in child.text(), "stacks are printed")
    assert probe(environment, "/livez")[0] == 200  # type: ignore[index]


def test_it_dies_with_its_parent(environment: dict[str, str], tmp_path: Path) -> None:
    output = tmp_path / "child"
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, {SCRIPT!r}, 'loop'], stderr=open({str(output)!r}, 'w'))\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    variables = {**os.environ, **environment, "LAHETTI_DIE_WITH_PARENT": "1"}
    parent = subprocess.Popen([sys.executable, "-c", code], env=variables, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    until(lambda: output.exists() and "process.started" in output.read_text(), "the child has started")
    parent.kill()
    parent.communicate()
    until(
        lambda: not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes(),
        "it ended",
    )
    assert "process.stopped" in output.read_text()
