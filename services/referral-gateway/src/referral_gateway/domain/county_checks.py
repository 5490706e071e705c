"""What is wrong with a referral by the county's own data: pathway, reasons, municipality, service, the
EHR's Task.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from referral_contracts import systems
from referral_contracts.errors import Issue
from referral_contracts.fhir import patients, service_requests
from referral_contracts.fhir.referral_profile import Referral, is_protected

from referral_gateway.domain.county import County, EhrClient
from referral_gateway.domain.facts import override_of
from referral_gateway.domain.pathways import reason_issues


def county_issues(county: County, client: EhrClient, referral: Referral) -> list[Issue]:
    """Everything at once; the referral's structure and profile are sound."""
    return [
        *_request_issues(county, referral),
        *_municipality_issues(county, referral),
        *_task_issues(client, referral),
    ]


def _request_issues(county: County, referral: Referral) -> Iterator[Issue]:
    request, path = referral.request.resource, referral.request.path
    pathway = county.pathways.get(service_requests.pathways(request)[0])
    if pathway is None:
        yield Issue("unknown-pathway", (f"{path}.category",))
    else:
        yield from reason_issues(pathway, request, path)
        yield from _override_issues(county, pathway.id, request, path)
    chosen = service_requests.chosen_service(request)
    if chosen is not None and chosen not in county.services:
        yield Issue("unknown-service", (f"{path}.performer[0]",))


def _override_issues(county: County, pathway: str, request: Mapping[str, Any], path: str) -> Iterator[Issue]:
    """A rule is overridden by naming a kind of service that the pathway has; why is the profile's to ask."""
    offered = {kind for one in county.services.values() if pathway in one.pathways for kind in one.kinds}
    for index, extension in enumerate(request.get("extension", [])):
        if extension.get("url") != systems.ROUTING_OVERRIDE_EXTENSION:
            continue
        place = f"{path}.extension[{index}].value"
        if override_of({"extension": [extension]}) not in offered:
            yield Issue("unknown-code", (place,))


def _municipality_issues(county: County, referral: Referral) -> Iterator[Issue]:
    patient, path = referral.patient.resource, referral.patient.path
    municipality = patients.municipality(patient)
    if municipality is not None:
        if municipality not in county.municipalities:
            yield Issue("unknown-municipality", (f"{path}.extension",))
        return
    request = referral.request.resource
    pathway = county.pathways.get(service_requests.pathways(request)[0])
    if (
        pathway is not None
        and pathway.needs_municipality
        and not is_protected(referral)
        and service_requests.chosen_service(request) is None
    ):
        yield Issue("municipality-required", (f"{path}.extension",))


def _task_issues(client: EhrClient, referral: Referral) -> Iterator[Issue]:
    """Task A is written back to the address that the county has registered, and to no other."""
    task = referral.task
    if task is None:
        return
    if client.mode != "write":
        yield Issue("task-not-written-back", (f"Bundle.entry[{task.index}]",), {"client": client.id})
    elif not client.owns(task.url or ""):
        yield Issue("foreign-address", (f"Bundle.entry[{task.index}].fullUrl",), {"client": client.id})
