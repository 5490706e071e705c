"""How commands print: people get text, programs get one JSON object a line."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import orjson


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
    lines = [["" if row.get(column) is None else str(row[column]) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *lines, strict=True)]
    for line in (columns, *lines):
        # Nothing is cut off: an id is there to be copied.
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def say(line: str) -> None:
    """A line of text on standard output."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    """A line of text on standard error."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
