"""The FHIR profiles: `python scripts/profiles COMMAND`.

build        compile fhir-profiles/input/fsh; write resources, package, the validator's tables and pages
check        compile again and say what is committed differently; writes nothing
pages        only write docs/profiles from the committed resources; needs no Node
pages-check  say which of those pages are not what would be written

SUSHI, and HL7's definitions that it reads, come from npm on a first run and are kept in `.run/profiles`.
Node and npm are Debian's, installed when missing and root. Needs only Python's standard library.
Exit codes: 0 done or the same, 1 different or not compiled, 2 wrong usage, 3 a program is missing, and the
line printed says how to install it.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import code_systems
import pages
import table
from compiling import compiled
from definitions import by_url
from fetching import ProfilesFailedError
from folder import CLONE, PACKAGE, PAGES, RESOURCES
from packages import MissingProgramError
from packing import FILE, as_text, packed, same_content


def main(arguments: list[str]) -> int:
    """Do one command; print what happened in plain lines."""
    parser = argparse.ArgumentParser(
        prog="python scripts/profiles",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = {"build": _build, "check": _check, "pages": _write_pages, "pages-check": _check_pages}
    parser.add_argument("command", choices=commands)
    try:
        return commands[parser.parse_args(arguments).command]()
    except MissingProgramError as missing:
        print(missing, file=sys.stderr)
        return 3
    except ProfilesFailedError as failed:
        print(failed, file=sys.stderr)
        return 1


def _build() -> int:
    resources = compiled()
    _write(RESOURCES, "*.json", {name: as_text(resource) for name, resource in resources.items()})
    for file, text in _tables(resources).items():
        file.write_text(text)
    PACKAGE.mkdir(exist_ok=True)
    (PACKAGE / FILE).write_bytes(packed(resources))
    print(f"{len(resources)} resources, 0 errors, 0 warnings")
    return _write_pages()


def _check() -> int:
    resources = compiled()
    different = _different(
        RESOURCES, "*.json", {name: as_text(resource) for name, resource in resources.items()}
    )
    package = PACKAGE / FILE
    if not package.exists() or not same_content(package.read_bytes(), packed(resources)):
        different.append(str(package.relative_to(CLONE)))
    for file, text in _tables(resources).items():
        if not file.exists() or file.read_text() != text:
            different.append(str(file.relative_to(CLONE)))
    return max(_told(different), _check_pages())


def _tables(resources: Mapping[str, dict[str, Any]]) -> dict[Path, str]:
    """What the validator reads, by file."""
    return {
        table.FILE: table.table(resources),
        code_systems.FILE: code_systems.code_systems(by_url(resources.values())),
    }


def _write_pages() -> int:
    _write(PAGES, "*.md", pages.made())
    return 0


def _check_pages() -> int:
    return _told(_different(PAGES, "*.md", pages.made()))


def _write(folder: Path, pattern: str, texts: Mapping[str, str]) -> None:
    """Let the files of `folder` that fit `pattern` be these, by name, and no others."""
    folder.mkdir(exist_ok=True)
    for stale in {file.name for file in folder.glob(pattern)} - texts.keys():
        (folder / stale).unlink()
    for name, text in texts.items():
        (folder / name).write_text(text)


def _different(folder: Path, pattern: str, texts: Mapping[str, str]) -> list[str]:
    """The paths inside the clone of the files that fit `pattern` and are not as in `texts`, or not there."""
    found = {file.name: file.read_text() for file in folder.glob(pattern)}
    return [
        str((folder / name).relative_to(CLONE))
        for name in sorted(texts.keys() | found.keys())
        if texts.get(name) != found.get(name)
    ]


def _told(different: list[str]) -> int:
    for path in different:
        print(f"{path} is not what `make profiles` makes", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
