#!/usr/bin/env python3
"""`make test`: starts the real parts, then runs the suites; arguments replace the default ones."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = [sys.executable, str(ROOT / "scripts" / "parts")]
PYTEST = [sys.executable, "-X", "faulthandler", "-m", "pytest", "-q"]
PARALLEL = ["tests/house", "tests/unit", "tests/contract"]
SERIAL = ["tests/loop", "tests/faults", "tests/browser"]


def environment_of_parts() -> dict[str, str]:
    """What `scripts/parts env` prints, as a mapping."""
    printed = subprocess.run([*PARTS, "env"], check=True, capture_output=True, text=True).stdout
    return dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)


def main() -> int:
    os.chdir(ROOT)
    for command in (["up"], ["browser"]):
        code = subprocess.run([*PARTS, *command]).returncode
        if code:
            return code
    env = {**os.environ, **environment_of_parts(), "LAHETTI_STRICT_LOGS": "1"}
    if sys.argv[1:]:
        return subprocess.run([*PYTEST, *sys.argv[1:]], env=env).returncode
    failed = 0
    for title, command in (
        ("unit and contract, two at a time", [*PYTEST, "-n", "2", "--dist", "loadfile", *PARALLEL]),
        ("loop, faults and browser, one at a time", [*PYTEST, *(s for s in SERIAL if (ROOT / s).is_dir())]),
    ):
        started = time.monotonic()
        print(f"== {title}", flush=True)
        code = subprocess.run(command, env=env).returncode
        print(f"== {title}: {time.monotonic() - started:.0f} s", flush=True)
        failed = failed or code
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
