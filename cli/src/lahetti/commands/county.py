"""`lahetti county`: a county's data, checked, and loaded as one transaction."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from lahetti.commands.options import STATE, AsJson, State
from lahetti.operator_api import OperatorApi
from lahetti.output import print_json, print_rows, say
from lahetti.refusals import BAD_INPUT, EXIT_CODES, Refused
from lahetti.state import StateFolder

TEXT_FILES = {".yaml", ".yml", ".json"}

app = typer.Typer(help="The county's data.", no_args_is_help=True, rich_markup_mode=None)

Folder = Annotated[Path, typer.Argument(help="The county's folder, such as counties/kymenlaakso.")]


@app.callback()
def county() -> None:
    """Commands about the county's data."""


@app.command("load", epilog=EXIT_CODES)
def load(folder: Folder, state: State = STATE, as_json: AsJson = False) -> None:
    """Load FOLDER into the running installation; loading the same again changes nothing."""
    files = county_files(folder)
    report = asyncio.run(_load(StateFolder(state), files))
    if as_json:
        print_json(report)
        return
    changed = [{"change": change, "item": item} for change in report for item in _items(report[change])]
    print_rows(changed, ("change", "item"), as_json=False, none="Nothing changed: it was loaded already.")


@app.command("check", epilog=EXIT_CODES)
def check(folder: Folder, as_json: AsJson = False) -> None:
    """Say what a load of FOLDER would refuse, with file, line and remedy; nothing need be running."""
    from referral_gateway.bootstrap import county_problems

    problems = county_problems(county_files(folder))
    if as_json:
        print_json({"problems": list(problems)})
    if problems:
        raise Refused(*(() if as_json else problems), exit_code=BAD_INPUT)
    if not as_json:
        say(f"{folder}: nothing to mend.")


async def _load(state: StateFolder, files: dict[str, str]) -> dict[str, object]:
    async with OperatorApi(state.find()) as api:
        return await api.post("gateway/county", {"files": files})


def county_files(folder: Path) -> dict[str, str]:
    """The folder's texts by their path inside it. Raises Refused (bad input) where it holds none."""
    if not folder.is_dir():
        raise Refused(f"{folder} is not a folder", exit_code=BAD_INPUT)
    files: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in TEXT_FILES:
            try:
                files[path.relative_to(folder).as_posix()] = path.read_text(encoding="utf-8")
            except (UnicodeDecodeError, OSError):
                raise Refused(f"{path} cannot be read as UTF-8 text", exit_code=BAD_INPUT) from None
    if not files:
        raise Refused(f"{folder} holds no .yaml or .json file", exit_code=BAD_INPUT)
    return files


def _items(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
