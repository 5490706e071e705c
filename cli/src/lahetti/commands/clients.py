"""`lahetti clients token`: tokens made by hand."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from referral_contracts import usual_scopes
from service_runtime.scopes import permissions
from service_runtime.tokens import TokenSigner
from service_runtime.tokens.keys import KeyFileError

from lahetti.commands.options import STATE, AsJson, State
from lahetti.output import print_json, say
from lahetti.refusals import BAD_INPUT, ENVIRONMENT_MISSING, EXIT_CODES, Refused
from lahetti.state import StateFolder

LONGEST_SECONDS = 90 * 24 * 3600

app = typer.Typer(help="The systems that may call.", no_args_is_help=True, rich_markup_mode=None)


class Kind(StrEnum):
    """What a client is."""

    EHR = "ehr"
    PROVIDER = "provider"
    STAFF = "staff"


DEFAULT_SCOPES = {
    Kind.EHR: usual_scopes.EHR,
    Kind.PROVIDER: usual_scopes.PROVIDER,
    Kind.STAFF: usual_scopes.STAFF,
}

Client = Annotated[str, typer.Argument(help="The EHR client's or the provider's id in the county's data.")]
KindOption = Annotated[Kind, typer.Option("--kind", help="What the client is.")]
ScopeOption = Annotated[str, typer.Option("--scope", help="Scopes; left out, the usual ones.")]
SecondsOption = Annotated[
    int, typer.Option("--seconds", min=1, max=LONGEST_SECONDS, help="How long it is valid.")
]


@app.command("token", epilog=EXIT_CODES)
def token(
    client: Client,
    kind: KindOption = Kind.EHR,
    scope: ScopeOption = "",
    seconds: SecondsOption = 3600,
    state: State = STATE,
    as_json: AsJson = False,
) -> None:
    """Sign a token for CLIENT with the installation's key and print it."""
    wanted = scope or DEFAULT_SCOPES[kind]
    refused = [part for part in wanted.split() if not permissions(part)]
    if refused:
        raise Refused(
            *(f"{part} is not a scope: write it like system/Task.rsu or lahetti/cases.r" for part in refused),
            exit_code=BAD_INPUT,
        )
    try:
        signer = TokenSigner(_key_file(state))
    except KeyFileError as error:
        raise Refused(str(error), exit_code=ENVIRONMENT_MISSING) from None
    signed = signer.sign(client_id=client, kind=kind.value, scope=wanted, seconds=seconds)
    if as_json:
        told = {"client": client, "kind": kind.value, "scope": wanted, "seconds": seconds}
        print_json({"token": signed} | told)
    else:
        say(signed)


def _key_file(state: Path) -> Path:
    """Of the running installation; else of the folder, so that tokens can be signed before it runs."""
    try:
        return Path(StateFolder(state).find().key_file)
    except Refused:
        key_file = StateFolder(state).keys / "keys.json"
        if not key_file.exists():
            raise
        return key_file
