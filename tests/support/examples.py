"""The example referrals of fhir-profiles, and everything that the gateway finds wrong with one."""

import json
from datetime import UTC, datetime
from pathlib import Path

from referral_contracts.errors import Issue, LahettiError
from referral_gateway.adapters.county_reading import read_county
from referral_gateway.domain.county import County
from referral_gateway.domain.submission import read_submission

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "fhir-profiles" / "examples"
VALID = sorted((EXAMPLES / "valid").glob("*.json"))
INVALID = sorted((EXAMPLES / "invalid").glob("*.json"))
FAULTS: dict[str, dict[str, str | None]] = json.loads((EXAMPLES / "faults.json").read_text())
READ_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""The day on which the examples were written."""


def county_files(county: str = "kymenlaakso") -> dict[str, str]:
    """The text of each file of a county's folder, by path relative to it."""
    folder = ROOT / "counties" / county
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


def kymenlaakso() -> County:
    """The county as shipped."""
    return read_county(county_files())


def issues_of(raw: bytes, county: County, *, at: datetime = READ_AT) -> list[Issue]:
    """What keeps these bytes from being accepted. The EHR is one that writes where there is a Task, else one
    that polls."""
    client = county.clients["ehr-kymenlaakso" if b'"Task"' in raw else "ehr-polling"]
    try:
        submission = read_submission(county, client, raw, at)
    except LahettiError as error:
        return list(error.issues)
    return [*submission.issues, *submission.permission]
