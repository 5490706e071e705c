"""`lahetti clients add|list|rotate|disable|enable|revoke`: the record systems that may call."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from lahetti.commands.clients import Client, Kind, KindOption, app
from lahetti.commands.options import STATE, AsJson, State
from lahetti.operator_api import OperatorApi
from lahetti.output import print_json, print_rows, say
from lahetti.refusals import BAD_INPUT, EXIT_CODES, Refused
from lahetti.state import StateFolder

COLUMNS = ("id", "source", "active", "mode", "name")
_NO_FILE = Path()


class Mode(StrEnum):
    """How a record system learns of its referral: it is written to, or polls."""

    WRITE = "write"
    POLL = "poll"


Name = Annotated[str, typer.Option("--name", help="What people call the system.")]
ModeOption = Annotated[Mode, typer.Option("--mode", help="Whether its Task is written to it, or it polls.")]
Base = Annotated[str, typer.Option("--base", help="Its FHIR base, for mode write.")]
KeysUrl = Annotated[str, typer.Option("--jwks-url", help="Where it publishes its public keys (https).")]
KeysFile = Annotated[
    Path, typer.Option("--jwks", help="A file with its public keys, a JWK set.", show_default=False)
]
Scopes = Annotated[str, typer.Option("--scope", help="What it may ask for; left out, the usual scopes.")]


@app.command("add", epilog=EXIT_CODES)
def add(
    client: Client,
    name: Name,
    mode: ModeOption = Mode.POLL,
    base: Base = "",
    jwks_url: KeysUrl = "",
    jwks: KeysFile = _NO_FILE,
    scope: Scopes = "",
    state: State = STATE,
    as_json: AsJson = False,
) -> None:
    """Let a record system CLIENT call, beside those of the county's data; tells the audience of its
    assertions."""
    content: dict[str, Any] = {"id": client, "name": name, "mode": mode.value}
    content |= _keys(jwks_url, jwks)
    content |= {"base": base} if base else {}
    content |= {"scopes": scope.split()} if scope else {}
    answer = asyncio.run(_post(state, "gateway/clients", {"client": content}))
    if as_json:
        print_json(answer)
    else:
        can = (
            "may ask for tokens"
            if jwks_url or "jwks" in content
            else "has no keys yet and cannot ask for tokens"
        )
        say(f"{client} {can}; its assertions' audience: {answer['audience']}")


@app.command("list", epilog=EXIT_CODES)
def list_clients(state: State = STATE, as_json: AsJson = False) -> None:
    """List the record systems, where each is described, and whether it is active."""
    answer = asyncio.run(_get(state))
    print_rows(answer.get("clients", []), COLUMNS, as_json=as_json, none="There is no client yet.")


@app.command("rotate", epilog=EXIT_CODES)
def rotate(
    client: Client,
    jwks_url: KeysUrl = "",
    jwks: KeysFile = _NO_FILE,
    state: State = STATE,
    as_json: AsJson = False,
) -> None:
    """Put other public keys in place of those of CLIENT."""
    keys = _keys(jwks_url, jwks)
    if len(keys) != 1:
        raise Refused("give the new keys: --jwks-url or --jwks", exit_code=BAD_INPUT)
    _change(state, client, {"change": "rotate"} | keys, as_json, "has new keys")


@app.command("disable", epilog=EXIT_CODES)
def disable(client: Client, state: State = STATE, as_json: AsJson = False) -> None:
    """Give CLIENT no token and refuse, at every service, those that it has, also those made by hand."""
    _change(state, client, {"change": "disable"}, as_json, "is stopped: no service takes its tokens")


@app.command("enable", epilog=EXIT_CODES)
def enable(client: Client, state: State = STATE, as_json: AsJson = False) -> None:
    """Let a CLIENT that was disabled go on."""
    _change(state, client, {"change": "enable"}, as_json, "may call again")


@app.command("revoke", epilog=EXIT_CODES)
def revoke(
    client: Client, kind: KindOption = Kind.EHR, state: State = STATE, as_json: AsJson = False
) -> None:
    """Refuse, at every service, all tokens that CLIENT has now; it may get new ones."""
    change = {"change": "revoke", "kind": kind.value}
    _change(state, client, change, as_json, "has no valid token any more, until it gets a new one")


def _change(state: Path, client: str, body: dict[str, Any], as_json: bool, told: str) -> None:
    answer = asyncio.run(_post(state, f"gateway/clients/{client}", body))
    if as_json:
        print_json(answer)
    else:
        say(f"{client} {told}")


def _keys(url: str, file: Path) -> dict[str, Any]:
    """What was given of keys, as clients.yaml says it. Raises Refused (bad input) on what cannot be read."""
    keys: dict[str, Any] = {"jwks_url": url} if url else {}
    if file == _NO_FILE:
        return keys
    try:
        return keys | {"jwks": orjson.loads(file.read_bytes())}
    except (OSError, ValueError):
        raise Refused(f"{file} cannot be read as a JWK set", exit_code=BAD_INPUT) from None


async def _get(state: Path) -> dict[str, Any]:
    async with OperatorApi(StateFolder(state).find()) as api:
        return await api.get("gateway/clients")


async def _post(state: Path, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with OperatorApi(StateFolder(state).find()) as api:
        return await api.post(path, body)
