"""`lahetti cases`: what needs a person."""

import asyncio

from lahetti.commands.options import STATE, AsJson, State
from lahetti.operator_api import OperatorApi
from lahetti.output import print_rows
from lahetti.state import StateFolder

COLUMNS = ("opened_at", "kind", "owner", "due_at", "referral", "id")


def cases(state: State = STATE, as_json: AsJson = False) -> None:
    """List the open cases: what needs a person, whose it is and until when."""
    asyncio.run(_cases(StateFolder(state), as_json))


async def _cases(folder: StateFolder, as_json: bool) -> None:
    async with OperatorApi(folder.find()) as api:
        answer = await api.get("gateway/cases")
    print_rows(answer.get("cases", []), COLUMNS, as_json=as_json, none="No case is open.")
