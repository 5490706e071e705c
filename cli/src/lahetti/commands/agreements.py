"""`lahetti agreements`: who takes referrals, how many more, and how that came to be."""

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from lahetti.commands.options import STATE, AsJson, State
from lahetti.operator_api import OperatorApi
from lahetti.output import print_rows
from lahetti.state import StateFolder

_NAMED = "agreement pathway provider municipalities valid period number used left waiting state"
COLUMNS = tuple(_NAMED.split())
CHANGE_COLUMNS = ("at", "by", "version", "agreement", "change", "what")

Agreement = Annotated[str, typer.Argument(help="Only this agreement, by its id.")]
History = Annotated[bool, typer.Option("--history", help="What each load changed, the newest first.")]


def agreements(
    agreement: Agreement = "", history: History = False, state: State = STATE, as_json: AsJson = False
) -> None:
    """List the county's agreements: what is used of each number, and what nearly is (state warning)."""
    found = asyncio.run(_ask(StateFolder(state), agreement, history=history))
    if history:
        rows = found if as_json else [row | {"what": _what(row)} for row in found]
        print_rows(rows, CHANGE_COLUMNS, as_json=as_json, none="No agreement was ever loaded.")
        return
    rows = found if as_json else [row | _in_words(row) for row in found]
    print_rows(rows, COLUMNS, as_json=as_json, none="There is no such agreement.")


async def _ask(folder: StateFolder, agreement: str, *, history: bool) -> list[dict[str, Any]]:
    async with OperatorApi(folder.find()) as api:
        if history:
            named = f"?{urlencode({'agreement': agreement})}" if agreement else ""
            return (await api.get(f"gateway/agreements/history{named}")).get("changes", [])
        rows = (await api.get("gateway/agreements")).get("agreements", [])
    return [row for row in rows if agreement in {"", row["agreement"]}]


def _in_words(row: dict[str, Any]) -> dict[str, str]:
    served = row["municipalities"]
    return {
        "municipalities": served if isinstance(served, str) else " ".join(served),
        "valid": f"{row['valid_from']}..{row['valid_until'] or ''}",
        "number": "no limit" if row["number"] is None else f"{row['number']}{' shared' * row['shared']}",
    }


def _what(row: dict[str, Any]) -> str:
    return "; ".join(
        f"{one['place']}: {_shown(one['was'])} -> {_shown(one['is'])}" for one in row["differences"]
    )


def _shown(value: Any) -> str:
    if value is None:
        return "(none)"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
