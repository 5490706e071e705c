"""A county's own story: its folder as it stands, with the addresses of the simulators."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import yaml

from lahetti.demo.case_run import Case
from lahetti.demo.recorded_side import sample_procedures
from lahetti.demo.story import Actor, DemoClient, Story
from lahetti.demo.story_etela_pohjanmaa import CASES as ETELA_POHJANMAA
from lahetti.demo.story_kainuu import CASES as KAINUU
from lahetti.demo.story_keski_suomi import CASES as KESKI_SUOMI
from lahetti.demo.story_kymenlaakso import CASES as KYMENLAAKSO
from lahetti.refusals import BAD_INPUT, Refused

STORIES: Mapping[str, Sequence[Case]] = {
    "etela-pohjanmaa": ETELA_POHJANMAA,
    "kainuu": KAINUU,
    "keski-suomi": KESKI_SUOMI,
    "kymenlaakso": KYMENLAAKSO,
}
CHANNELS = {"rest-hook": "webhook", "email": "email"}
WHOLE_WEEKS = timedelta(weeks=52)
"""A course that has begun is moved on by so much, as often as needed: it stays on its weekday."""


def county_story(county: Mapping[str, str]) -> Story:
    """The story of the county whose files these are. Raises Refused (bad input) where it has none."""
    try:
        name = str(yaml.safe_load(county["county.yaml"])["id"])
        actors = list(_actors(county))
    except (KeyError, ValueError, TypeError, yaml.YAMLError):
        raise Refused(
            "this is no county's folder: lahetti county check says why", exit_code=BAD_INPUT
        ) from None
    if name not in STORIES:
        known = ", ".join(sorted(STORIES))
        raise Refused(f"no story is told of {name}; there are {known}", exit_code=BAD_INPUT)
    today = datetime.now(UTC).date()
    return Story(name, STORIES[name], actors, partial(story_county, county, today))


def story_county(
    county: Mapping[str, str], today: date, addresses: Mapping[str, str], clients: Sequence[DemoClient]
) -> dict[str, str]:
    """The files of `county` with other addresses (by endpoint id), with the demo's EHRs and with made-up
    procedure codes, as the county's own map is empty until THL has verified it; all else stays.

    What has begun or ended by `today` in the sample's agreements is moved on, so that the story can be told
    in any year.
    """
    files = dict(county)
    for path, text in county.items():
        if path.startswith("directory/"):
            files[path] = _readdressed(text, addresses)
        elif path.startswith("agreements/"):
            files[path] = _moved_on(text, today)
    known = [
        {"id": one.id, "name": f"Demon {one.id}", "mode": "write" if one.base else "poll"}
        | ({"base": one.base} if one.base else {})
        for one in clients
    ]
    files["procedures.yaml"] = yaml.safe_dump(sample_procedures(_pathways(county)))
    files["clients.yaml"] = yaml.safe_dump({"clients": known})
    return files


def _pathways(county: Mapping[str, str]) -> list[str]:
    texts = [text for path, text in sorted(county.items()) if path.startswith("pathways/")]
    return [yaml.safe_load(text)["id"] for text in texts]


def _actors(county: Mapping[str, str]) -> Iterator[Actor]:
    """Who has an address for real referrals."""
    for path, text in sorted(county.items()):
        if not path.startswith("directory/"):
            continue
        for resource in _resources(text):
            if resource["resourceType"] == "Endpoint" and not _is_for_tests(resource):
                channel = CHANNELS[resource["connectionType"]["code"]]
                owner = resource["managingOrganization"]["reference"].partition("/")[2]
                mail = resource["address"].removeprefix("mailto:") if channel == "email" else None
                yield Actor(owner, "email" if mail else "webhook", resource["id"], mail)


def _is_for_tests(endpoint: Mapping[str, Any]) -> bool:
    return any(label["code"] == "HTEST" for label in endpoint.get("meta", {}).get("security", []))


def _resources(text: str) -> list[dict[str, Any]]:
    content = json.loads(text)
    if content["resourceType"] != "Bundle":
        return [content]
    return [entry["resource"] for entry in content["entry"]]


def _readdressed(text: str, addresses: Mapping[str, str]) -> str:
    content = json.loads(text)
    resources = (
        [content] if content["resourceType"] != "Bundle" else [one["resource"] for one in content["entry"]]
    )
    for resource in resources:
        if resource["resourceType"] == "Endpoint":
            resource["address"] = addresses.get(resource["id"], resource["address"])
    return json.dumps(content, ensure_ascii=False, indent=2)


def _moved_on(text: str, today: date) -> str:
    agreement = yaml.safe_load(text)
    changed = _later(agreement.get("valid", {}), "until", "until", today)
    for party in agreement["parties"]:
        changed |= _later(party.get("course", {}), "starts", "ends", today)
    return yaml.safe_dump(agreement, allow_unicode=True, sort_keys=False) if changed else text


def _later(dates: dict[str, Any], first: str, last: str, today: date) -> bool:
    """Move both dates by whole years of weeks until `first` is ahead; whether they were moved."""
    if first not in dates:
        return False
    moved = {name: date.fromisoformat(str(dates[name])) for name in {first, last}}
    years = 0
    while moved[first] + years * WHOLE_WEEKS <= today + timedelta(days=1):
        years += 1
    dates |= {name: (day + years * WHOLE_WEEKS).isoformat() for name, day in moved.items()}
    return years > 0
