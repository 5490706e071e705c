"""SUSHI and HL7's own FHIR packages, from npm, each with the digest that we know."""

import base64
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from folder import TOOLS
from packages import require

_HERE = Path(__file__).resolve().parent
_LOCK = "package-lock.json"


class ProfilesFailedError(Exception):
    """Profiles could not be built; the text says why."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """A FHIR package on npm. `sha512` is base64, as npm's own `integrity` has it."""

    name: str
    version: str
    sha512: str


# npm's hl7.fhir.r4.core has no version; the examples package holds all of R4's definitions, unpatched.
CORE = Pinned(
    "hl7.fhir.r4.examples",
    "4.0.1",
    "DXBdIZOeQaSKIgCU7w6HOC7sw/6BzylmipLkBW4f//pT+Bc94x+8LImwTdvaNThPJoOzpBzvxAzNqjeu3X/zLw==",
)
TERMINOLOGY = Pinned(
    "hl7.terminology.r4",
    "7.0.1",
    "UamZUcARk/TEaJb7X0hDyANmC7bCv0Jof0u0uGIOB2O9VQX0uV45Vf4EyONHM6Sejv6q7sXEAzKAQsgw1Cld3A==",
)
EXTENSIONS = Pinned(
    "hl7.fhir.uv.extensions.r4",
    "5.3.0-ballot-tc1",
    "mhPmWj0dZvIC7JQLkqxT42/UpoIyYwFtSiIZbhX/ArfX96hR5oTqNvAUvMD+dMH45m4mGMQ19WyCZFpP1OLEbQ==",
)


def sushi() -> Path:
    """SUSHI's entry point, installed as our lock file says when it is not there in that state."""
    folder = TOOLS / "sushi"
    program = folder / "node_modules" / "fsh-sushi" / "dist" / "app.js"
    lock = (_HERE / _LOCK).read_bytes()
    mark = folder / "installed"
    if program.exists() and mark.exists() and mark.read_bytes() == lock:
        return program
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("package.json", _LOCK):
        shutil.copyfile(_HERE / name, folder / name)
    print("installing fsh-sushi", flush=True)
    _npm(["ci", "--ignore-scripts"], folder)
    mark.write_bytes(lock)
    return program


def node() -> str:
    """Node's path; Debian's package where it is missing and we are root."""
    return require("node", "nodejs")


def fetched(package: Pinned) -> Path:
    """The package's `.tgz`, fetched once; raises where its digest is not the one that we know."""
    folder = TOOLS / "packages"
    file = folder / f"{package.name}-{package.version}.tgz"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        print(f"fetching {package.name} {package.version}", flush=True)
        _npm(["pack", "--silent", f"{package.name}@{package.version}"], folder)
    found = base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()
    if found != package.sha512:
        file.unlink()
        raise ProfilesFailedError(f"{package.name} {package.version} is not the file that was pinned")
    return file


def _npm(words: list[str], folder: Path) -> None:
    npm = require("npm", "npm")
    quiet = {"npm_config_update_notifier": "false", "npm_config_audit": "false", "npm_config_fund": "false"}
    done = subprocess.run(
        [npm, *words], cwd=folder, env=os.environ | quiet, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ProfilesFailedError(f"npm {' '.join(words)} failed:\n{done.stdout}{done.stderr}")
