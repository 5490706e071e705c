"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from lahetti.state import DEFAULT_STATE

State = Annotated[
    Path,
    typer.Option("--state", envvar="LAHETTI_STATE", help="The folder of the installation (keys, databases)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]

STATE = DEFAULT_STATE
