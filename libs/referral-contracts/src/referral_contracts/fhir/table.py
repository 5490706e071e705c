"""The committed table of what R4's types and our profiles ask; `make profiles` writes it from snapshots."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

Row = Mapping[str, Any]


def row(name: str) -> Row | None:
    """What the table says of a type (`Patient`, `Patient.contact`), a profile or a value set (by address).

    Rows are read from the file when they are asked for, not kept: each is asked for once.
    """
    place = _places().get(name)
    if place is None:
        return None
    start, end = place
    with files(__package__).joinpath("table.jsonl").open("rb") as file:
        file.seek(start)
        return json.loads(file.read(end - start))[1]


@cache
def _places() -> Mapping[str, tuple[int, int]]:
    """Where in the file each row begins and ends, in bytes."""
    places: dict[str, tuple[int, int]] = {}
    start = 0
    with files(__package__).joinpath("table.jsonl").open("rb") as file:
        for line in file:
            name = line[2 : line.index(b'"', 2)].decode()
            places[name] = (start, start + len(line))
            start += len(line)
    return places
