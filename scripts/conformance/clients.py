"""FHIR clients that are not ours: each with what it needs in a folder of its own, and the words to run it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from places import CLONE, RUN  # isort: skip; it says where the next ones are
from maven import ConformanceFailedError, jars
from packages import require

_CLIENTS = CLONE / "tests" / "conformance" / "clients"


def clients() -> dict[str, list[str]]:
    """By the client's name, the words that run its session. Raises ConformanceFailedError when one cannot be
    fetched."""
    return {"fhir-kit-client": _node(), "fhirpy": _python(), "hapi": _java()}


def _node() -> list[str]:
    source, folder = _CLIENTS / "node", RUN / "node"
    lock = (source / "package-lock.json").read_bytes()
    mark = folder / "installed"
    if not mark.exists() or mark.read_bytes() != lock:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(source / name, folder / name)
        _run([require("npm", "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        mark.write_bytes(lock)
    # Node looks for packages beside the program.
    shutil.copyfile(source / "session.mjs", folder / "session.mjs")
    return [require("node", "nodejs"), str(folder / "session.mjs")]


def _python() -> list[str]:
    source, folder = _CLIENTS / "python", RUN / "python"
    wanted = (source / "requirements.txt").read_bytes()
    mark = folder / "installed"
    if not mark.exists() or mark.read_bytes() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)], CLONE)
        pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "-r", str(source / "requirements.txt")], CLONE)
        mark.write_bytes(wanted)
    return [str(folder / "bin" / "python"), str(source / "session.py")]


def _java() -> list[str]:
    source = _CLIENTS / "java"
    folder = jars(source / "pom.xml", "hapi-client")
    return [
        require("java", "openjdk-17-jdk-headless"),
        "-cp",
        f"{folder}/*",
        str(source / "Session.java"),
    ]


def _run(words: list[str], folder: Path) -> None:
    quiet = {"npm_config_update_notifier": "false"}
    done = subprocess.run(
        words, cwd=folder, env=os.environ | quiet, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ConformanceFailedError(f"{words[0]} failed:\n{(done.stdout + done.stderr)[-2000:]}")
