"""`lahetti demo` and `lahetti up`, started as a person starts them."""

import json
import os
import signal
import subprocess
import sys
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

    def run(self, lines: list[str]) -> str:
        """What a shell prints that runs `lines` as they stand."""
        done = subprocess.run(
            ["bash", "-c", "set -eu -o pipefail\n" + "\n".join(lines)],
            cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_SECONDS,
            env=os.environ | {"PATH": f"{LAHETTI.parent}:{os.environ['PATH']}"},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def interrupt(self) -> int:
        """The exit code after Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(30)
        self.close()
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    standing = Standing(tmp_path_factory.mktemp("standing") / "up")
    yield standing
    standing.close()


def test_the_printed_lines_run_as_they_stand(standing: Standing) -> None:
    shown = standing.run(standing.by_hand)
    assert '"status":"accepted"' in shown
    assert "Task accepted" in shown
    assert "lahetti.tasks.pyhtaa.v1" in shown


def test_a_second_up_in_the_same_folder_is_refused_in_one_line(standing: Standing) -> None:
    second = subprocess.run(
        [LAHETTI, "up", "--state", standing.folder],
        cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_SECONDS,
    )  # fmt: skip
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert str(standing.process.pid) in second.stderr


def test_ctrl_c_stops_everything_and_what_was_stored_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Standing(tmp_path / "up")
    try:
        until_referral = next(i for i, line in enumerate(first.by_hand) if line.startswith("REFERRAL="))
        referral = first.run([*first.by_hand[: until_referral + 1], "echo $REFERRAL"]).split()[-1]
        running = {first.process.pid, *(child.pid for child in psutil.Process(first.process.pid).children())}
        assert first.interrupt() == 0
        assert [pid for pid in running if psutil.pid_exists(pid)] == []
        assert not (first.folder / "installation.json").exists()
    finally:
        first.close()
    second = Standing(tmp_path / "up")
    try:
        shown = second.run([f"lahetti trace {referral} --state {second.folder}"])
        assert "referral.accepted" in shown
        assert second.interrupt() == 0
    finally:
        second.close()
