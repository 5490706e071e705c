"""The county that the demo loads: Kymenlaakso's own folder, with the addresses of the simulators."""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

import yaml

from lahetti.demo.cases import CASES
from lahetti.demo.story import Actor, Channel, DemoClient, Story
from lahetti.refusals import BAD_INPUT, Refused

CHANNELS = {"webhook": "rest-hook", "email": "email"}
CHANNEL_SYSTEM = "http://terminology.hl7.org/CodeSystem/subscription-channel-type"
PAYLOAD_SYSTEM = "http://terminology.hl7.org/CodeSystem/endpoint-payload-type"
EHRS_WITH_TASKS = ("write", "down", "conflict", "no-permission")
ASKED_FIRST, ASKED_SECOND = 10, 50
KEPT = frozenset({"county.yaml", "pathways/exercise.yaml", "rules/exercise.yaml"})
"""What the cases play with of the county's own files; directory, agreements and clients are the demo's."""


@dataclass(frozen=True)
class DemoProvider:
    """A provider of the demo. `like` is the provider of the county whose data a new one takes; `most` is the
    agreement's number for a year."""

    id: str
    municipality: str
    channel: Channel = "webhook"
    like: str | None = None
    name: str | None = None
    most: int | None = None


PROVIDERS: Sequence[DemoProvider] = (
    DemoProvider("kotka", "285"),
    DemoProvider("kotka-liikuntaseura", "285", like="kotka", name="Kotkan esimerkkiseura", most=1),
    DemoProvider("kouvola", "286"),
    DemoProvider("kouvola-liikuntaseura", "286", like="kouvola", name="Kouvolan esimerkkiseura"),
    DemoProvider("hamina", "075", channel="email"),
    DemoProvider("pyhtaa", "624"),
    DemoProvider("virolahti", "935"),
    DemoProvider("miehikkala", "489", most=1),
    DemoProvider(
        "miehikkala-kylayhdistys", "489", like="miehikkala", name="Miehikkälän esimerkkikylät", most=1
    ),
)


def sixteen_cases(county: Mapping[str, str]) -> Story:
    """The story of all cases, with the providers that they name; `county` is Kymenlaakso's files."""
    actors = [
        Actor(one.id, one.channel, endpoint_id(one), mail_address(one) if one.channel == "email" else None)
        for one in PROVIDERS
    ]
    files = partial(demo_county, county)
    return Story("kymenlaakso", CASES, actors, files, EHRS_WITH_TASKS)


def endpoint_id(provider: DemoProvider) -> str:
    """The id of a demo provider's only endpoint."""
    return f"{provider.id}-{provider.channel}"


def mail_address(provider: DemoProvider) -> str:
    """Where an email provider of the demo gets its mail."""
    return f"liikuntaneuvonta@{provider.id}.example"


def demo_county(
    county: Mapping[str, str], addresses: Mapping[str, str], clients: Sequence[DemoClient]
) -> dict[str, str]:
    """The files of the demo's county, from those of `county`; `addresses` are by endpoint id.

    Raises Refused (bad input) where `county` is not Kymenlaakso's, whose providers the cases name.
    """
    files = {path: text for path, text in county.items() if path in KEPT}
    try:
        known = _resources_by_provider(county)
    except (ValueError, KeyError, TypeError, StopIteration):
        known = {}
    if missing := sorted({one.like or one.id for one in PROVIDERS} - known.keys()):
        raise Refused(
            f"the demo plays with Kymenlaakso's providers, and this county has no {', '.join(missing)}:"
            " leave --county out",
            exit_code=BAD_INPUT,
        )
    for provider in PROVIDERS:
        resources = _resources(provider, known, addresses[endpoint_id(provider)])
        bundle = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": resource} for resource in resources],
        }
        files[f"directory/{provider.id}.json"] = json.dumps(bundle, ensure_ascii=False, indent=2)
    first = [provider for provider in PROVIDERS if provider.like is None]
    second = [provider for provider in PROVIDERS if provider.like is not None]
    files["agreements/exercise.yaml"] = _agreement("exercise", ASKED_FIRST, first)
    files["agreements/exercise-second.yaml"] = _agreement("exercise-second", ASKED_SECOND, second)
    files["clients.yaml"] = yaml.safe_dump({"clients": [_client(client) for client in clients]})
    return files


def _resources_by_provider(county: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    known: dict[str, list[dict[str, Any]]] = {}
    for path, text in county.items():
        if path.startswith("directory/"):
            resources = [entry["resource"] for entry in json.loads(text)["entry"]]
            owner = next(one["id"] for one in resources if one["resourceType"] == "Organization")
            known[owner] = [one for one in resources if one["resourceType"] != "Endpoint"]
    return known


def _resources(
    provider: DemoProvider, known: Mapping[str, list[dict[str, Any]]], address: str
) -> list[dict[str, Any]]:
    resources = deepcopy(known[provider.like or provider.id])
    for resource in resources:
        if resource["resourceType"] == "Organization":
            resource["id"] = provider.id
        else:
            resource["id"] = _service_id(provider)
            resource["providedBy"] = {"reference": f"Organization/{provider.id}"}
        if provider.name:
            resource["name"] = provider.name
    return [*resources[:2], _endpoint(provider, address)]


def _service_id(provider: DemoProvider) -> str:
    return f"{provider.id}-liikuntaneuvonta"


def _endpoint(provider: DemoProvider, address: str) -> dict[str, Any]:
    return {
        "resourceType": "Endpoint",
        "id": endpoint_id(provider),
        "status": "active",
        "connectionType": {"system": CHANNEL_SYSTEM, "code": CHANNELS[provider.channel]},
        "managingOrganization": {"reference": f"Organization/{provider.id}"},
        "payloadType": [{"coding": [{"system": PAYLOAD_SYSTEM, "code": "none"}]}],
        "address": address,
    }


def _agreement(name: str, priority: int, providers: Sequence[DemoProvider]) -> str:
    parties: list[dict[str, Any]] = []
    for provider in providers:
        party: dict[str, Any] = {
            "provider": provider.id,
            "service": _service_id(provider),
            "municipalities": [provider.municipality],
        }
        if provider.most is not None:
            party["number"] = {"most": provider.most, "period": "year"}
        parties.append(party)
    agreement = {
        "id": name,
        "pathway": "exercise",
        "valid": {"from": "2023-09-01"},
        "priority": priority,
        "parties": parties,
    }
    return yaml.safe_dump(agreement, allow_unicode=True, sort_keys=False)


def _client(client: DemoClient) -> dict[str, str]:
    known = {"id": client.id, "name": f"Demon {client.id}", "mode": "write" if client.base else "poll"}
    return known | ({"base": client.base} if client.base else {})
