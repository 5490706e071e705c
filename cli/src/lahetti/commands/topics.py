"""`lahetti topics`: how far each consumer has read."""

import asyncio
from collections import Counter
from typing import Any

from lahetti.commands.options import STATE, AsJson, State
from lahetti.operator_api import OperatorApi
from lahetti.output import print_rows
from lahetti.state import StateFolder

COLUMNS = ("topic", "group", "lag")


def topics(state: State = STATE, as_json: AsJson = False) -> None:
    """List the topics and, for each group that reads one, how many records wait for it."""
    answer = asyncio.run(_ask(StateFolder(state)))
    print_rows(rows_of(answer), COLUMNS, as_json=as_json, none="There is no topic yet.")


async def _ask(folder: StateFolder) -> dict[str, Any]:
    async with OperatorApi(folder.find()) as api:
        return await api.get("gateway/topics")


def rows_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """One row a topic and group, over all lanes; a topic that nobody reads has a row without group."""
    lag: Counter[tuple[str, str]] = Counter()
    for lane in answer.get("lag", []):
        lag[lane["topic"], lane["group"]] += lane["lag"]
    read = {topic for topic, _ in lag}
    rows: list[dict[str, Any]] = [
        {"topic": topic, "group": group, "lag": waiting} for (topic, group), waiting in lag.items()
    ]
    rows += [{"topic": name, "group": None, "lag": None} for name in answer["topics"] if name not in read]
    return sorted(rows, key=lambda row: (row["topic"], row["group"] or ""))
