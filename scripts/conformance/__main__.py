"""`make conformance`: programs that are not ours judge and use this system.

Fetches what is missing (HL7's definitions from npm, the official validator from Maven, FHIR clients from
npm, PyPI and Maven), starts the validator, runs `tests/conformance` beside it, and ends it. Arguments
replace the folder of tests.
Exit codes: pytest's own, 1 when a foreign program failed, 3 when one is missing and cannot be installed.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from places import CLONE, PACKAGE_FOLDER, RUN  # isort: skip; it says where the next ones are
from clients import clients
from fetching import CORE, ProfilesFailedError, fetched
from maven import ConformanceFailedError
from oracle import oracles
from packages import MissingProgramError

_HERE = Path(__file__).resolve().parent
_TESTS = ["tests/conformance"]


def main(arguments: list[str]) -> int:
    """Do it all; say how long the parts took."""
    RUN.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    try:
        with oracles(int(os.environ.get("CONFORMANCE_ORACLES", "2"))) as urls:
            print(f"the official validator answers ({time.monotonic() - began:.0f} s)", flush=True)
            environment = os.environ | {
                "LAHETTI_STRICT_LOGS": "1",
                "LAHETTI_ORACLES": ",".join(urls),
                "LAHETTI_ORACLE_VERDICTS": str(RUN / f"verdicts-{_state()}.jsonl"),
                "LAHETTI_R4_EXAMPLES": str(fetched(CORE)),
                "LAHETTI_FOREIGN_CLIENTS": json.dumps(clients()),
            }
            return _tests(arguments or _TESTS, environment)
    except MissingProgramError as missing:
        print(missing, file=sys.stderr)
        return 3
    except (ConformanceFailedError, ProfilesFailedError) as failed:
        print(failed, file=sys.stderr)
        return 1


def _tests(what: list[str], environment: dict[str, str]) -> int:
    began = time.monotonic()
    code = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", "pytest", "-q", *what],
        cwd=CLONE,
        env=environment,
        check=False,
    ).returncode
    print(f"conformance: {time.monotonic() - began:.0f} s of tests", flush=True)
    return code


def _state() -> str:
    """Names what the validator's verdicts depend on: profiles, its version and its settings."""
    parts = [*sorted(PACKAGE_FOLDER.glob("*.tgz")), *sorted(_HERE.glob("*"))]
    content = b"".join(part.read_bytes() for part in parts if part.is_file())
    return hashlib.sha256(content).hexdigest()[:12]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
