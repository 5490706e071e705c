"""`lahetti demo` and `lahetti up`, started as a person starts them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from lahetti.demo.cases import CASES

ROOT = Path(__file__).resolve().parents[2]
LAHETTI = Path(sys.executable).with_name("lahetti")
FIELDS = {
    "case", "referral", "task", "status", "reason", "ehr_status", "channel", "seconds", "ok", "schedule",
}  # fmt: skip
DEADLINE_SECONDS = 120


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_the_demo_prints_a_json_object_a_case_ends_0_and_leaves_nothing_running(tmp_path: Path) -> None:
    before = children()
    done = subprocess.run(
        [LAHETTI, "demo", "--json", "--state", tmp_path / "demo"],
        cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_SECONDS,
    )  # fmt: skip
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result for result in results if not result["ok"]] == []
    assert done.returncode == 0, done.stderr
    assert {result["case"] for result in results} == {case.name for case in CASES}
    assert {frozenset(result) for result in results} == {frozenset(FIELDS)}
    assert {result["schedule"] for result in results} == {"short"}
    assert children() <= before
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


class Standing:
    """`lahetti up` in a process of its own, and what it printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [LAHETTI, "up", "--state", folder],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        self.printed = self._until("Ctrl-C stops all of it.")

    def _until(self, last: str) -> list[str]:
        assert self.process.stdout is not None
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line.rstrip("\n"))
            if lines[-1] == last:
                return lines
        raise AssertionError("\n".join(lines))

    @property
    def by_hand(self) -> list[str]:
        """The lines to try, as printed."""
        begin = next(i for i, line in enumerate(self.printed) if line.startswith("Try it by hand"))
        end = next(i for i, line in enumerate(self.printed) if line.startswith("The provider has only email"))
        return [line for line in self.printed[begin + 1 : end] if line]

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[Standing]:
    standing = Standing(tmp_path / "up")
    yield standing
    if standing.process.poll() is None:
        os.killpg(standing.process.pid, signal.SIGKILL)
        standing.process.wait()


def test_the_printed_lines_run_as_they_stand_and_ctrl_c_stops_everything(standing: Standing) -> None:
    script = "set -eu -o pipefail\n" + "\n".join(standing.by_hand)
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_SECONDS,
        env=os.environ | {"PATH": f"{LAHETTI.parent}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"accepted"' in done.stdout, done.stdout
    assert standing.interrupt() == 0
    assert not (standing.folder / "installation.json").exists()


def test_a_second_up_in_the_same_folder_is_refused_in_one_line(standing: Standing) -> None:
    second = subprocess.run(
        [LAHETTI, "up", "--state", standing.folder],
        cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_SECONDS,
    )  # fmt: skip
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert str(standing.process.pid) in second.stderr


def test_what_was_stored_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Standing(tmp_path / "up")
    assert first.interrupt() == 0
    began = time.monotonic()
    second = Standing(tmp_path / "up")
    assert second.interrupt() == 0
    assert time.monotonic() - began < DEADLINE_SECONDS
