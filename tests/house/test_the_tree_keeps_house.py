"""The rules of the tree that a linter does not know."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REFUSED_NAMES = {"utils.py", "helpers.py", "common.py", "manager.py", "service_helpers.py", "misc.py"}
LONGEST_FILE = 300


def tracked(*patterns: str) -> list[Path]:
    command = ["git", "ls-files", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [path for path in tracked("*.py") if path.name in REFUSED_NAMES] == []


def test_no_python_file_is_longer_than_three_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked("*.py")
        if (count := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_nothing_that_ships_is_left_unfinished() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    shipped = tracked("services/*.py", "libs/*.py", "cli/*.py")
    assert shipped
    assert [path for path in shipped if unfinished.search(path.read_text())] == []


def test_no_path_of_a_machine_is_written_down() -> None:
    # The needles are put together here, so that this file does not hold them itself.
    needles = ["/" + "work/", "/" + "root/", "../" + "shared"]
    found = [
        (str(path.relative_to(ROOT)), needle)
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".json", ".sh", ""} and path.name != "uv.lock"
        for needle in needles
        if needle in path.read_text(errors="ignore")
    ]
    assert found == []
