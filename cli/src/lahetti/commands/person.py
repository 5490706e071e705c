"""`lahetti person access-log|export|erase`: what a person may ask of the county.

Who it is comes from --referral or from standard input; an identity code is never an argument, since those
stay in the shell's history and in the list of processes.
"""

import asyncio
import getpass
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import orjson
import typer

from lahetti.commands.options import STATE, AsJson, State
from lahetti.operator_api import NotThere, OperatorApi
from lahetti.output import print_json, print_rows, say
from lahetti.refusals import BAD_INPUT, EXIT_CODES, FAILED, Refused
from lahetti.state import StateFolder

TOPIC_DAYS = 14
"""How long topics keep records, which hold ids only."""
COLUMNS = ("recorded", "who", "for", "action", "what", "outcome", "service")
SERVICES = ("notifier", "collector", "gateway")
"""In the order of erasure: the gateway last, since it is asked whose the referrals are."""
_AT_ONCE = 20
_CHUNK = 1000

app = typer.Typer(
    help="What a person may ask of the county. An identity code is read from standard input.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Referral = Annotated[str, typer.Option("--referral", help="One of the person's referrals, by its id.")]
Client = Annotated[
    str,
    typer.Option(
        "--client", help="The EHR client whose own identifier is read, as SYSTEM|VALUE, not a HETU."
    ),
]
To = Annotated[Path, typer.Option("--to", help="The file to write; it must not be there yet.")]
Yes = Annotated[bool, typer.Option("--yes", help="Erase; without it only what would be erased is told.")]


@app.command("access-log", epilog=EXIT_CODES)
def access_log(
    referral: Referral = "", client: Client = "", state: State = STATE, as_json: AsJson = False
) -> None:
    """List who read, or tried to read, what about the person, and why; the oldest first."""
    rows = asyncio.run(_access_log(state, _asked(referral, client)))
    print_rows(rows, COLUMNS, as_json=as_json, none="Nobody has read anything.")


@app.command("export", epilog=EXIT_CODES)
def export(
    to: To, referral: Referral = "", client: Client = "", state: State = STATE, as_json: AsJson = False
) -> None:
    """Write everything that is kept about the person to a file, as one FHIR Bundle."""
    if to.exists():
        raise Refused(f"{to} is there already", exit_code=BAD_INPUT)
    found, bundle = asyncio.run(_export(state, _asked(referral, client)))
    _write_private(to, orjson.dumps(bundle, option=orjson.OPT_INDENT_2))
    told = {"file": str(to), "referrals": len(found), "resources": len(bundle["entry"])}
    if as_json:
        print_json(told)
    else:
        say(f"{told['resources']} resources of {told['referrals']} referrals are in {to}")


@app.command("erase", epilog=EXIT_CODES)
def erase(
    referral: Referral = "",
    client: Client = "",
    yes: Yes = False,
    state: State = STATE,
    as_json: AsJson = False,
) -> None:
    """Erase what is kept about the person, once all their referrals are closed; numbers stay."""
    for line in asyncio.run(_erase(state, _asked(referral, client), yes)):
        if as_json:
            print_json(line)
        else:
            say("  ".join(f"{name}: {value}" for name, value in line.items()))


def _asked(referral: str, client: str) -> dict[str, str]:
    """Whom the command is about. Raises Refused (bad input) where that cannot be told."""
    if referral and client:
        raise Refused("give --referral or --client, not both", exit_code=BAD_INPUT)
    if referral:
        return {"referral": referral}
    line = _line("SYSTEM|VALUE: " if client else "HETU: ")
    if not client:
        return {"hetu": line}
    system, _, value = line.partition("|")
    return {"client": client, "system": system, "value": value}


def _line(prompt: str) -> str:
    """A line that is shown nowhere."""
    line = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
    if not line.strip():
        raise Refused("say on standard input who it is, or give --referral", exit_code=BAD_INPUT)
    return line.strip()


async def _access_log(state: Path, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    async with OperatorApi(StateFolder(state).find()) as api:
        ids = [one["id"] for one in await _find(api, asked)]
        events: list[dict[str, Any]] = []
        for start in range(0, len(ids), _AT_ONCE):
            entity = ",".join(f"ServiceRequest/{one}" for one in ids[start : start + _AT_ONCE])
            path = f"fhir/AuditEvent?entity={entity}&_count=100"
            while path:
                page = await api.get(path)
                events += [entry["resource"] for entry in page.get("entry", [])]
                following = [one["url"] for one in page["link"] if one["relation"] == "next"]
                path = f"fhir/AuditEvent?{urlsplit(following[0]).query}" if following else ""
    return sorted((_row(event) for event in events), key=lambda row: row["recorded"])


def _row(event: Mapping[str, Any]) -> dict[str, Any]:
    caller, *others = event["agent"]
    purposes = [coding["code"] for one in event.get("purposeOfEvent", []) for coding in one["coding"]]
    return {
        "recorded": event["recorded"],
        "who": caller["who"]["identifier"]["value"],
        "for": ", ".join(one["who"]["reference"] for one in others) or None,
        "action": event["subtype"][0]["code"],
        "what": event["entity"][0]["what"]["reference"],
        "purpose": ", ".join(purposes) or None,
        "outcome": event["outcomeDesc"],
        "service": event["source"]["observer"]["display"],
    }


async def _export(state: Path, asked: Mapping[str, str]) -> tuple[Sequence[Any], dict[str, Any]]:
    async with OperatorApi(StateFolder(state).find()) as api:
        found = await _find(api, asked)
        entries: list[Any] = []
        for ids in _chunks(found):
            for service in ("gateway", "collector"):
                bundle = await api.post(f"{service}/person/export", {"referrals": ids})
                entries += bundle["entry"]
    return found, {"resourceType": "Bundle", "type": "collection", "entry": entries}


async def _erase(state: Path, asked: Mapping[str, str], really: bool) -> list[dict[str, Any]]:
    async with OperatorApi(StateFolder(state).find()) as api:
        found = await _find(api, asked)
        still_open = [one["id"] for one in found if one["closed_at"] is None]
        if still_open:
            raise Refused(
                *(f"{one} is not closed yet: revoke it first" for one in still_open), exit_code=FAILED
            )
        told: list[dict[str, Any]] = [
            {"referral": one["id"], "client": one["client"], "accepted_at": one["accepted_at"]}
            for one in found
        ]
        if not really:
            return [*told, {"erased": False, "to_do": "say --yes to erase these"}]
        for ids in _chunks(found):
            for service in SERVICES:
                counts = await api.post(f"{service}/person/erase", {"referrals": ids})
                told += [{"service": service} | counts]
    gone = datetime.now(UTC) + timedelta(days=TOPIC_DAYS)
    return [*told, {"erased": True, "ids_in_topics_until": gone.date().isoformat()}]


async def _find(api: OperatorApi, asked: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = (await api.post("gateway/person", dict(asked)))["referrals"]
    if not found:
        raise NotThere("nothing is kept about this person")
    return found


def _chunks(found: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    ids = [str(one["id"]) for one in found]
    return [ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)]


def _write_private(path: Path, content: bytes) -> None:
    """A file that only its owner reads. Raises Refused (bad input) where it cannot be made."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(f"cannot write {path} ({error.strerror})", exit_code=BAD_INPUT) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
