"""Debian's programs: found, installed when we are root, or asked for in one line."""

import os
import shutil
import subprocess
from functools import cache


class MissingProgramError(Exception):
    """A program is missing and we may not install it; the text is the command to run."""


def require(program: str, package: str, *also: str) -> str:
    """The path of `program`, sought in the folders `also` before PATH; installed when missing and root."""
    if found := _find(program, also):
        return found
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise MissingProgramError(f"{program} is missing: sudo apt-get install {package}")
    _refresh_lists()
    print(f"installing {package}", flush=True)
    subprocess.run(
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", package],
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if found := _find(program, also):
        return found
    raise MissingProgramError(f"{program} is missing and could not be installed: apt-get install {package}")


def _find(program: str, folders: tuple[str, ...]) -> str | None:
    return shutil.which(program, path=os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)]))


@cache
def _refresh_lists() -> None:
    subprocess.run(["apt-get", "update", "-q"], stdout=subprocess.DEVNULL, check=False)
