"""`lahetti up`: the whole system in one process, kept running."""

from pathlib import Path
from typing import Annotated

import typer

from lahetti.commands.county import county_files
from lahetti.commands.options import STATE, AsJson, State
from lahetti.loop import run_to_end
from lahetti.output import say
from lahetti.state import StateFolder

COUNTY = Path("counties/kymenlaakso")

County = Annotated[Path, typer.Option("--county", help="The county folder to load at the start.")]
Port = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="The port to listen on; 0 takes a free one.")
]


def up(state: State = STATE, county: County = COUNTY, port: Port = 0, as_json: AsJson = False) -> None:
    """Run everything in this process until Ctrl-C, with URLs and curl lines to try by hand.

    What was stored stays in the state folder for the next time. Mail goes to a mailbox of this process only.
    """
    files = county_files(county)
    folder = StateFolder(state)
    # Only the commands that run services pay for loading them.
    from lahetti.standing import stand

    with folder.held():
        try:
            run_to_end(stand(folder, files, port=port, as_json=as_json))
        except KeyboardInterrupt:
            if not as_json:
                say("Stopped.")
