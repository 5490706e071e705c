"""`lahetti keys list|rotate|drop`: the keys that sign the installation's tokens."""

from pathlib import Path
from typing import Annotated

import typer
from service_runtime.tokens.keys import KeyFileError, drop_key, read_keys, rotate_keys

from lahetti.commands.options import STATE, AsJson, State
from lahetti.output import print_json, print_rows, say
from lahetti.refusals import BAD_INPUT, ENVIRONMENT_MISSING, EXIT_CODES, Refused
from lahetti.state import StateFolder

app = typer.Typer(
    help="The keys that sign the installation's tokens.", no_args_is_help=True, rich_markup_mode=None
)

Kid = Annotated[str, typer.Argument(help="The key's id, as `lahetti keys list` tells it.")]


@app.command("list", epilog=EXIT_CODES)
def list_keys(state: State = STATE, as_json: AsJson = False) -> None:
    """List the keys whose tokens count; the first one signs."""
    print_rows(_listed(_folder(state)), ("kid", "signs"), as_json=as_json, none="There is no key.")


@app.command("rotate", epilog=EXIT_CODES)
def rotate(state: State = STATE, as_json: AsJson = False) -> None:
    """Make a new key that signs from now on. Tokens of the older keys count until these are dropped."""
    folder = _folder(state)
    rotate_keys(folder)
    told = _listed(folder)
    if as_json:
        print_json(told[0])
        return
    say(f"{told[0]['kid']} signs from now on; no service needs a restart.")
    for one in told[1:]:
        say(f"Once its tokens have expired: lahetti keys drop {one['kid']}")


@app.command("drop", epilog=EXIT_CODES)
def drop(kid: Kid, state: State = STATE, as_json: AsJson = False) -> None:
    """Take the key KID away: no service takes its tokens any more, within a second."""
    folder = _folder(state)
    try:
        drop_key(folder, kid)
    except KeyFileError as error:
        raise Refused(str(error), exit_code=BAD_INPUT) from None
    if as_json:
        print_json({"kid": kid, "dropped": True})
    else:
        say(f"{kid} is gone; no token of its counts any more.")


def _listed(folder: Path) -> list[dict[str, object]]:
    keys = read_keys(folder / "keys.json").keys
    return [{"kid": key.kid, "signs": number == 0} for number, key in enumerate(keys)]


def _folder(state: Path) -> Path:
    """Where the keys are. Raises Refused (environment missing) where there are none."""
    folder = StateFolder(state).keys
    try:
        read_keys(folder / "keys.json")
    except KeyFileError as error:
        raise Refused(str(error), exit_code=ENVIRONMENT_MISSING) from None
    return folder
