"""`lahetti doctor`: what is not reachable, and what to do about it."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

from lahetti.commands.options import STATE, AsJson, State
from lahetti.output import print_json, print_rows
from lahetti.refusals import ENVIRONMENT_MISSING, Refused
from lahetti.state import StateFolder

if TYPE_CHECKING:
    from lahetti.checks import Finding


def doctor(state: State = STATE, as_json: AsJson = False) -> None:
    """Look at everything that the running installation needs; say what is not reachable and what to do."""
    whereabouts = StateFolder(state).find()
    # Only the commands that need the engines' clients pay for loading them.
    from lahetti.checks import look

    findings = asyncio.run(look(whereabouts))
    if as_json:
        for finding in findings:
            print_json(asdict(finding))
    else:
        print_rows(_rows(findings), ("", "what", "problem", "what to do"), as_json=False, none="")
    broken = [finding for finding in findings if not finding.ok]
    if broken:
        raise Refused(f"{len(broken)} of {len(findings)} are not well", exit_code=ENVIRONMENT_MISSING)


def _rows(findings: "list[Finding]") -> list[dict[str, str]]:
    return [
        {
            "": "ok" if finding.ok else "NOT",
            "what": finding.what,
            "problem": finding.problem,
            "what to do": finding.remedy,
        }
        for finding in findings
    ]
