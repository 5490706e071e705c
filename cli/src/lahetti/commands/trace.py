"""`lahetti trace REFERRAL`: one referral's way, from all three services, in the order of time."""

import asyncio
from typing import Annotated, Any

import typer

from lahetti.commands.options import STATE, AsJson, State
from lahetti.operator_api import NotThere, OperatorApi
from lahetti.output import print_json, print_rows
from lahetti.refusals import BAD_INPUT, FAILED, Refused
from lahetti.state import StateFolder

WAYS = ("gateway/trace", "notifier/trace", "collector/trace")
REFERRAL_ID_LENGTH = 36

Referral = Annotated[str, typer.Argument(help="The referral's id, as the answer to its POST named it.")]


def trace(referral: Referral, state: State = STATE, as_json: AsJson = False) -> None:
    """Show a referral's way: gateway, topics, deliveries, attempts, outcomes, write-backs; without a name."""
    if len(referral) != REFERRAL_ID_LENGTH or not set(referral) <= set("0123456789abcdef-"):
        raise Refused(
            "REFERRAL is the 36-character id that the answer to the POST named", exit_code=BAD_INPUT
        )
    asyncio.run(_trace(StateFolder(state), referral, as_json))


async def _trace(folder: StateFolder, referral: str, as_json: bool) -> None:
    async with OperatorApi(folder.find()) as api:
        found = await asyncio.gather(*(_steps(api, f"{way}/{referral}") for way in WAYS))
    steps = sorted((step for steps in found for step in steps), key=_at)
    if not steps:
        raise Refused(f"no service knows the referral {referral}", exit_code=FAILED)
    if as_json:
        for step in steps:
            print_json(step)
        return
    rows = [step | {"ids": _ids(step)} for step in steps]
    print_rows(rows, ("at", "service", "what", "ids"), as_json=False, none="")


async def _steps(api: OperatorApi, path: str) -> list[dict[str, Any]]:
    """What one service knows of the referral; one that knows nothing of it says so by 404."""
    try:
        return (await api.get(path)).get("steps", [])
    except NotThere:
        return []


def _at(step: dict[str, Any]) -> str:
    return str(step["at"])


def _ids(step: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in step.get("ids", {}).items() if value is not None)
