"""`lahetti topics`: how far each consumer has read."""

import asyncio

from lahetti.commands.options import STATE, AsJson, State
from lahetti.operator_api import OperatorApi
from lahetti.output import print_rows
from lahetti.state import StateFolder

COLUMNS = ("topic", "group", "lag")


def topics(state: State = STATE, as_json: AsJson = False) -> None:
    """List the topics and, for each group that reads one, how many records wait for it."""
    asyncio.run(_topics(StateFolder(state), as_json))


async def _topics(folder: StateFolder, as_json: bool) -> None:
    async with OperatorApi(folder.find()) as api:
        answer = await api.get("gateway/topics")
    print_rows(answer.get("topics", []), COLUMNS, as_json=as_json, none="There is no topic yet.")
