"""All cases played once against an installation, with what is needed to understand one that went wrong."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import uvloop
from lahetti.commands.county import county_files
from lahetti.composition.blueprint import SHORT
from lahetti.composition.embedded import Running, embedded, embedded_blueprint, free_port
from lahetti.composition.engines import Room, engines, room
from lahetti.composition.processes import processes, processes_blueprint
from lahetti.demo.case_run import Case, CaseRun
from lahetti.demo.cases import CASES
from lahetti.demo.county_story import county_story
from lahetti.demo.demo_county import sixteen_cases
from lahetti.demo.play import play
from lahetti.demo.stage import stage
from lahetti.demo.story import Story
from lahetti.demo.world import World
from lahetti.simulators.mailbox import Mailbox
from lahetti.state import StateFolder, Whereabouts

COUNTIES = Path(__file__).resolve().parents[2] / "counties"
COUNTY = COUNTIES / "kymenlaakso"
LAST_LINES = 15

Evidence = dict[str, tuple[CaseRun, str]]
"""By the case's name: how it ended, and where it did not, trace and last log lines."""


@asynccontextmanager
async def embedded_world(
    folder: Path, story: Story | None = None, **settings: Any
) -> AsyncGenerator[tuple[World, Running]]:
    """A stage around an embedded installation in `folder`, for `story` or all cases; `settings` are for all
    services."""
    state, story = StateFolder(folder), story or sixteen_cases(county_files(COUNTY))
    async with mailbox() as mails:
        blueprint = embedded_blueprint(
            state, port=free_port(), county=story.county, schedule=SHORT, smtp_port=mails.port, **settings
        )
        with state.held():
            async with (
                embedded(blueprint) as running,
                stage(running.whereabouts, mails, story, folder / "county") as world,
            ):
                yield world, running


@asynccontextmanager
async def processes_world(
    folder: Path,
    story: Story | None = None,
    change_room: Callable[[Room], Room] = lambda own: own,
    **settings: Any,
) -> AsyncGenerator[tuple[World, Running]]:
    """The same on the real engines, every role its own process."""
    state, story = StateFolder(folder), story or sixteen_cases(county_files(COUNTY))
    async with mailbox() as mails, room(engines()) as own:
        blueprint = processes_blueprint(
            state,
            change_room(own),
            county=story.county,
            schedule=SHORT,
            smtp_port=mails.port,
            **settings,
        )
        with state.held():
            async with (
                processes(blueprint) as running,
                stage(running.whereabouts, mails, story, folder / "county") as world,
            ):
                yield world, running


@asynccontextmanager
async def mailbox() -> AsyncGenerator[Mailbox]:
    mails = Mailbox()
    await mails.start()
    try:
        yield mails
    finally:
        await mails.close()


def story_of(county: str) -> Story:
    """A county's own story."""
    return county_story(county_files(COUNTIES / county))


def perform(
    opened: AbstractAsyncContextManager[tuple[World, Running]], cases: Sequence[Case] = CASES
) -> Evidence:
    """Play `cases` in the world that `opened` gives."""

    async def all_cases() -> Evidence:
        async with opened as (world, running):
            runs = [CaseRun(case.name, case.channel) for case in cases]
            await play(cases, world, lambda _: None, runs)
            return {run.name: (run, await _evidence(world, running.whereabouts, run)) for run in runs}

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(all_cases())


async def _evidence(world: World, whereabouts: Whereabouts, run: CaseRun) -> str:
    if run.ok:
        return ""
    lines = [f"{run.name}: {run.problem}", *(f"  {at:7.3f} {what}" for at, what in run.steps)]
    if run.referral:
        for service in ("gateway", "notifier", "collector"):
            answer = await world.operator.read(f"{service}/trace/{run.referral}")
            lines += [f"  {step}" for step in answer.body.get("steps", [])]
    for simulator in world.providers.values():
        lines += [f"  {failure}" for failure in simulator.failures.values()]
    for log in sorted(Path(whereabouts.key_file).parents[1].glob("logs/*.log")):
        lines += [f"== {log.name}", *log.read_text(errors="replace").splitlines()[-LAST_LINES:]]
    return "\n".join(lines)


def check(evidence: Evidence, *names: str) -> None:
    """Fail with all that is known of those cases that did not end as they should."""
    astray = [told for run, told in (evidence[name] for name in names) if not run.ok]
    assert not astray, "\n\n".join(astray)
