"""`lahetti agreements`: who takes referrals, and how many more."""

import asyncio
from typing import Any

from lahetti.commands.options import STATE, AsJson, State
from lahetti.operator_api import OperatorApi
from lahetti.output import print_rows
from lahetti.state import StateFolder

COLUMNS = (
    "agreement", "pathway", "provider", "municipalities", "valid",
    "period", "number", "used", "left", "waiting", "state",
)  # fmt: skip


def agreements(state: State = STATE, as_json: AsJson = False) -> None:
    """List the county's agreements: what is used of each number, and what nearly is (state warning)."""
    found = asyncio.run(_ask(StateFolder(state))).get("agreements", [])
    rows = found if as_json else [row | _in_words(row) for row in found]
    print_rows(rows, COLUMNS, as_json=as_json, none="There is no agreement.")


async def _ask(folder: StateFolder) -> dict[str, Any]:
    async with OperatorApi(folder.find()) as api:
        return await api.get("gateway/agreements")


def _in_words(row: dict[str, Any]) -> dict[str, str]:
    served = row["municipalities"]
    return {
        "municipalities": served if isinstance(served, str) else " ".join(served),
        "valid": f"{row['valid_from']}..{row['valid_until'] or ''}",
        "number": "no limit" if row["number"] is None else f"{row['number']}{' shared' * row['shared']}",
    }
