"""`python scripts/parts`, in a copy of its own: with Redis, which starts in a moment."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.engines


@pytest.fixture
def parts(tmp_path):
    shutil.copytree(ROOT / "scripts" / "parts", tmp_path / "scripts" / "parts")

    def run(*words, **environment):
        command = [sys.executable, tmp_path / "scripts" / "parts", *words]
        return subprocess.run(
            command, capture_output=True, text=True, env=os.environ | environment, check=False, timeout=60
        )

    yield run
    run("down")


@pytest.fixture
def process(tmp_path):
    """What is recorded of the running Redis."""
    file = tmp_path / ".run" / "parts.json"

    def read(**changed):
        state = json.loads(file.read_text())
        if changed:
            state["redis"]["process"] |= changed
            file.write_text(json.dumps(state))
        return state["redis"]["process"]

    return read


def test_a_part_starts_once_and_tells_where_it_is(parts, tmp_path):
    assert parts("up", "redis").stdout.startswith("redis runs at")
    assert parts("up", "redis").stdout.startswith("redis already runs at")
    [line] = parts("env").stdout.splitlines()
    assert line.startswith("LAHETTI_TEST_REDIS=redis://127.0.0.1:")
    assert (tmp_path / ".run" / "parts.env").read_text() == line + "\n"
    assert parts("down", "redis").returncode == 0
    assert parts("env").stdout.strip() == ""
    assert not (tmp_path / ".run" / "parts.env").exists()


def test_a_part_that_was_killed_is_started_again_on_its_port(parts, process):
    where = parts("up", "redis").stdout.split()[3]
    os.kill(process()["pid"], signal.SIGKILL)
    again = parts("up", "redis").stdout
    assert again.startswith("redis runs at")
    assert again.split()[3] == where


def test_down_ends_no_process_that_only_has_the_number_of_ours(parts, process):
    parts("up", "redis")
    ours = process()
    process(started=ours["started"] - 1)
    parts("down", "redis")
    os.kill(ours["pid"], 0)  # it lives
    os.kill(ours["pid"], signal.SIGKILL)


def test_a_missing_program_is_asked_for_in_one_line(parts, tmp_path):
    answer = parts("up", "redis", PATH=str(tmp_path))
    assert (answer.returncode, answer.stderr.count("\n")) == (3, 1)
    assert "sudo apt-get install redis-server" in answer.stderr


def test_an_unknown_part_is_wrong_usage(parts):
    assert parts("up", "mongodb").returncode == 2
