"""Plays all cases at the same time."""

import asyncio
import sys
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.live import Live

from lahetti.demo.case_run import Case, CaseRun
from lahetti.demo.table import LiveTable
from lahetti.demo.world import World
from lahetti.output import print_json, say

REDRAWS_PER_SECOND = 8


async def play(
    cases: Sequence[Case], world: World, ended: Callable[[CaseRun], None], runs: Sequence[CaseRun]
) -> None:
    """Play `cases` at once, filling `runs`; call `ended` as each one ends."""

    async def one(case: Case, run: CaseRun) -> None:
        await case.run(world, run)
        ended(run)

    await asyncio.gather(*(one(case, run) for case, run in zip(cases, runs, strict=True)))


async def show(cases: Sequence[Case], world: World, *, schedule: str, as_json: bool) -> bool:
    """Play and show: a JSON object a case, or the live table. True only if all ended as they should."""
    runs = [CaseRun(case.name, case.channel) for case in cases]
    if as_json:
        await play(cases, world, lambda run: print_json(run.result(schedule)), runs)
        return all(run.ok for run in runs)
    console = Console()
    if console.is_terminal:
        with Live(LiveTable(runs), console=console, refresh_per_second=REDRAWS_PER_SECOND):
            await play(cases, world, lambda _: None, runs)
    else:
        await play(cases, world, lambda _: None, runs)
        console.width = max(console.width, 160) if not sys.stdout.isatty() else console.width
        console.print(LiveTable(runs))
    good = sum(bool(run.ok) for run in runs)
    say(f"{good} of {len(runs)} cases ended as they should.")
    return good == len(runs)
