"""`lahetti demo`: all cases, or a county's own story, at the same time and checked from outside."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from lahetti.commands.county import county_files
from lahetti.commands.options import AsJson
from lahetti.loop import run_to_end
from lahetti.output import say
from lahetti.refusals import BAD_INPUT, FAILED, Refused
from lahetti.state import StateFolder

DEMO_STATE = Path(".run/demo")
DEMO_KAFKA_STATE = Path(".run/demo-kafka")
COUNTIES = Path("counties")
COUNTY = COUNTIES / "kymenlaakso"
MARKER, LOCK = "made-by-lahetti-demo", "lahetti.pid"
MADE_AT_START = frozenset({"keys", "logs"})

County = Annotated[
    str | None,
    typer.Option(
        "--county",
        help="A county's own story, by its name (kainuu) or its folder. Left out: sixteen cases.",
    ),
]
Kafka = Annotated[
    bool,
    typer.Option("--kafka", help="On Apache Kafka, PostgreSQL and Redis, every role its own process."),
]
DemoState = Annotated[
    Path | None, typer.Option("--state", help="The demo's own folder; what an earlier demo left is removed.")
]


def demo(
    as_json: AsJson = False, county: County = None, kafka: Kafka = False, state: DemoState = None
) -> None:
    """Play every case at the same time and show how each ended; done only if all ended as they should."""
    files = county_files(_folder(county))
    folder = StateFolder(state or (DEMO_KAFKA_STATE if kafka else DEMO_STATE))
    # Only the commands that run services pay for loading them.
    from lahetti.composition.blueprint import SHORT
    from lahetti.demo.county_story import county_story
    from lahetti.demo.demo_county import sixteen_cases
    from lahetti.demo.performance import perform_embedded, perform_on_engines

    story = sixteen_cases(files) if county is None else county_story(files)
    with folder.held():
        _clear(folder)
        if not as_json:
            say(SHORT.told)
        perform = perform_on_engines if kafka else perform_embedded
        good = run_to_end(perform(folder, story, as_json=as_json))
    if not good:
        raise Refused("not all cases ended as they should; logs are in the demo's folder", exit_code=FAILED)


def _folder(county: str | None) -> Path:
    """A bare name is one of our counties'; anything else is a folder."""
    if county is None:
        return COUNTY
    named = COUNTIES / county
    return named if Path(county).name == county and not Path(county).is_dir() else Path(county)


def _clear(folder: StateFolder) -> None:
    """Each demo starts from nothing. Raises Refused where the folder holds anything that no demo left."""
    marker = folder.path / MARKER
    left = [path for path in folder.path.iterdir() if path.name not in {MARKER, LOCK}]
    if any(path.name not in MADE_AT_START for path in left) and not marker.exists():
        raise Refused(
            f"{folder.path} holds files that no demo left: name another folder with --state",
            exit_code=BAD_INPUT,
        )
    for path in left:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    folder.make()
    marker.touch()
