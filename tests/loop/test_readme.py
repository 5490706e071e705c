"""The README's lines and those that `lahetti up` prints, run as they stand; wrong use; and Ctrl-C."""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from lahetti.__main__ import run

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
BESIDE = (".venv", "counties", "README.md")
LAST_LINE = "Ctrl-C stops all of it."
STOP_SECONDS = 10
RUN_SECONDS = 120
SEPARATOR = "@@ next line @@"


@dataclass
class Standing:
    """`lahetti up`, as `make up` runs it, in a folder that looks like the clone."""

    folder: Path
    process: subprocess.Popen[str]
    printed: list[str]

    @property
    def port(self) -> int:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", "\n".join(self.printed))
        assert found is not None, self.printed
        return int(found[1])

    def between(self, first: str, last: str) -> list[str]:
        """The printed lines between those that begin so."""
        begin = next(i for i, line in enumerate(self.printed) if line.startswith(first))
        end = next(i for i, line in enumerate(self.printed) if line.startswith(last))
        return [line for line in self.printed[begin + 1 : end] if line]

    def outputs_of(self, lines: Sequence[str]) -> list[tuple[str, str]]:
        """Each line with what it printed, run one after the other in one shell, where a person stands."""
        commands = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
        script = ["set -eu -o pipefail"]
        for command in commands:
            script += [command, f"echo; echo '{SEPARATOR}'"]
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)],
            cwd=self.folder, capture_output=True, text=True, timeout=RUN_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        parts = [part.strip() for part in done.stdout.split(SEPARATOR)]
        return list(zip(commands, parts, strict=False))


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    folder = tmp_path_factory.mktemp("clone")
    for name in BESIDE:
        (folder / name).symlink_to(ROOT / name)
    # Without our own tools on the path: a newcomer has none of them there.
    bare = ":".join(part for part in os.environ["PATH"].split(":") if Path(part) != ROOT / ".venv" / "bin")
    process = subprocess.Popen(
        [".venv/bin/lahetti", "up"],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        env={**os.environ, "PATH": bare},
    )  # fmt: skip
    try:
        yield Standing(folder, process, list(printed_until(process, LAST_LINE)))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def printed_until(process: subprocess.Popen[str], last: str) -> Iterator[str]:
    assert process.stdout is not None
    for line in process.stdout:
        yield line.rstrip("\n")
        if line.rstrip("\n") == last:
            return
    raise AssertionError("it ended before it said how to stop it")


def readme_lines() -> list[str]:
    """The shell lines under "Try it by hand"."""
    text = README.read_text(encoding="utf-8")
    section = re.search(r"^#+ Try it by hand\n(.*?)(?=^#+ |\Z)", text, re.DOTALL | re.MULTILINE)
    assert section is not None, "the README tells how to try it by hand"
    blocks = re.findall(r"^```sh\n(.*?)^```", section[1], re.DOTALL | re.MULTILINE)
    assert blocks, "with lines to run"
    return "".join(blocks).splitlines()


def test_the_readmes_lines_run_as_printed_and_answer(standing: Standing) -> None:
    outputs = standing.outputs_of(readme_lines())
    asked = [(line, output) for line, output in outputs if line.startswith("curl")]
    assert len(asked) >= 3
    for line, output in asked:
        assert '"resourceType"' in output, f"{line}\n{output}"
        assert not output.startswith('{"resourceType":"OperationOutcome"'), f"{line}\n{output}"
    told = "\n".join(output for _, output in outputs)
    for sign in ("CapabilityStatement", "transaction-response", "searchset", "lahetti.referrals.v1"):
        assert sign in told, f"{sign} is nowhere in\n{told}"


def test_the_lines_that_up_prints_run_as_printed_and_answer(standing: Standing) -> None:
    outputs = standing.outputs_of(standing.between("Try it by hand", "The provider has only email"))
    told = "\n".join(output for _, output in outputs)
    assert "OperationOutcome" not in told
    for sign in ('"ServiceRequest"', '"accepted"', "searchset", "referral.accepted", "lahetti.outcomes.v1"):
        assert sign in told, f"{sign} is nowhere in\n{told}"


def test_the_pin_opens_the_page_behind_the_link_of_the_mail(standing: Standing) -> None:
    """What `up` says of the provider that has only email, done by hand to its end."""
    [(_, answer)] = standing.outputs_of(standing.between("The provider has only email", LAST_LINE))
    pin = re.search(r'"pin": ?"(\d+)"', answer)
    assert pin is not None, answer
    mails = sorted((standing.folder / ".run/up/mail").glob("*.eml"))
    assert mails, "the lines before made a referral, which its provider was told of"
    link = re.search(r"http://127\.0\.0\.1:\d+/p/\S+", mails[-1].read_text())
    assert link is not None
    posting = f"curl -s -L -c cookies -b cookies -d pin={pin[1]} {link[0].split('?')[0]}/session"
    [(_, page)] = standing.outputs_of([posting])
    assert "Testinen" in page


WRONG: dict[str, tuple[list[str], int]] = {
    "a state folder that is a file": (["up", "--state", "{file}", "--county", "{county}"], 2),
    "a state folder where none can be": (["up", "--state", "/proc/nowhere", "--county", "{county}"], 2),
    "a demo in a file": (["demo", "--state", "{file}", "--county", "{county}"], 2),
    "a county that is a file": (["up", "--state", "{new}", "--county", "{file}"], 2),
    "a county that is no text": (["county", "load", "{bytes}"], 2),
    "a county that is no YAML": (["up", "--state", "{new}", "--county", "{broken}"], 2),
    "a demo with another county": (["demo", "--state", "{new}", "--county", "{broken}"], 2),
    "a port that is taken": (["up", "--state", "{new}", "--county", "{county}", "--port", "{taken}"], 3),
    "a key file that is none": (["up", "--state", "{keyless}", "--county", "{county}"], 3),
    "a token by no key": (["clients", "token", "ehr-polling", "--state", "{keyless}"], 3),
    "tools where nothing runs": (["cases", "--state", "{file}"], 3),
    "a service left out": (["migrate"], 2),
    "a port past the last": (["up", "--port", "65536"], 2),
}


@pytest.fixture(scope="module")
def places(standing: Standing, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "file").write_text("x")
    for name, content in {"bytes": b"\xff\xfe", "broken": b"id: [x"}.items():
        (folder / name).mkdir()
        (folder / name / "county.yaml").write_bytes(content)
    (folder / "keyless" / "keys").mkdir(parents=True)
    (folder / "keyless" / "keys" / "keys.json").write_text('{"keys": "none"}')
    names = ("file", "bytes", "broken", "keyless", "new")
    return {name: str(folder / name) for name in names} | {
        "county": str(ROOT / "counties" / "kymenlaakso"),
        "taken": str(standing.port),
    }


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_use_is_one_line_and_its_exit_code(
    fault: str, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, code = WRONG[fault]
    assert run([part.format(**places) for part in arguments]) == code
    told = capsys.readouterr().err
    assert told.startswith("lahetti: "), told
    assert told.count("\n") == 1, told
    assert "Error" not in told, "told in words, not by the name of an exception"


def test_ctrl_c_stops_all_of_it_within_ten_seconds(standing: Standing) -> None:
    """Last in this file, as it ends what the others use."""
    port, session = standing.port, os.getsid(standing.process.pid)
    began = time.monotonic()
    standing.process.send_signal(signal.SIGINT)
    assert standing.process.wait(RUN_SECONDS) == 0
    assert time.monotonic() - began < STOP_SECONDS
    assert [one.pid for one in psutil.process_iter() if session_of(one.pid) == session] == []
    assert port not in {one.laddr.port for one in psutil.net_connections("tcp") if one.status == "LISTEN"}
    assert not (standing.folder / ".run/up/installation.json").exists()
    rest = standing.process.stdout.read() if standing.process.stdout else ""
    assert "Traceback" not in rest
    assert {path.name for path in standing.folder.iterdir()} <= {*BESIDE, ".run", "cookies"}


def session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None
