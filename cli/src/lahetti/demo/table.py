"""The live table: each case, its steps with their times, and how it ended."""

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from lahetti.demo.case_run import CaseRun

MARKS = {None: ("…", "dim"), True: ("ok", "green"), False: ("FAILED", "bold red")}


class LiveTable:
    """Renders anew from the runs each time it is shown."""

    def __init__(self, runs: Sequence[CaseRun]) -> None:
        self._runs = runs

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=None, pad_edge=False, expand=False)
        table.add_column("case", no_wrap=True)
        table.add_column("channel", no_wrap=True)
        table.add_column("steps, seconds from the start", ratio=1)
        table.add_column("s", justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        for run in self._runs:
            mark, style = MARKS[run.ok]
            seconds = f"{run.seconds:.1f}" if run.ok is not None else ""
            table.add_row(run.name, run.channel, _steps(run), seconds, Text(mark, style=style))
        yield table


def _steps(run: CaseRun) -> Text:
    text = Text()
    for at, what in run.steps:
        text.append(f"{at:.2f} ", style="cyan")
        text.append(f"{what}  ")
    if run.problem:
        text.append(run.problem, style="red")
    return text
