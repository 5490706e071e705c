"""How commands print: people get text, programs get one JSON object a line."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on a line of standard output, at once."""
    sys.stdout.write(orjson.dumps(value).decode() + "\n")
    sys.stdout.flush()


def print_rows(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, none: str
) -> None:
    """A table of `columns`, or each whole row as JSON; `none` is said to people where there are no rows."""
    if as_json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        say(none)
        return
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if row.get(column) is None else str(row[column]) for column in columns))
    Console().print(table)


def say(line: str) -> None:
    """A line of text on standard output."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    """A line of text on standard error."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
