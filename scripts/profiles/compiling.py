"""FSH to FHIR's own JSON, by SUSHI, offline."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from fetching import ProfilesFailedError, node, sushi
from folder import PROFILES
from package_cache import home

_CLEAN = re.compile(r"\b0 Errors\s+0 Warnings\b")


def compiled() -> dict[str, dict[str, Any]]:
    """Every resource that the FSH describes, by file name; raises unless SUSHI has neither error nor
    warning."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        shutil.copyfile(PROFILES / "sushi-config.yaml", project / "sushi-config.yaml")
        shutil.copytree(PROFILES / "input", project / "input")
        environment = {
            "HOME": str(home()),
            "PATH": f"{_npm_that_knows_our_version(project)}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            # Nobody listens there: what the cache does not hold is an error, never a download.
            "FPL_REGISTRY": "http://127.0.0.1:9",
        }
        done = subprocess.run(
            [node(), str(sushi()), "build", "--snapshot", "."],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not _CLEAN.search(done.stdout):
            raise ProfilesFailedError(f"SUSHI is not content:\n{done.stdout}{done.stderr}")
        made = sorted((project / "fsh-generated" / "resources").glob("*.json"))
        return {file.name: json.loads(file.read_text()) for file in made}


def _npm_that_knows_our_version(project: Path) -> Path:
    """SUSHI asks npm whether a newer SUSHI is there, over the network, and an answer that takes long is a
    warning. Ours is pinned: it is told that there is none."""
    version = json.loads((sushi().parents[1] / "package.json").read_text())["version"]
    npm = project / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(f"#!/bin/sh\necho {version}\n")
    npm.chmod(0o755)
    return npm.parent
