"""Somebody else's referral does not exist: every route that names a document, asked by who has no part in it.
Nor does somebody else's subscription.

The routes come from the applications themselves. A new one that names a kind of document which no referral of
this world has fails here, until it has one or stands among those that everybody may read.
"""

from collections.abc import Iterator, Mapping

import pytest
from support.routes import Route
from support.routes_attempts import Watch, good
from support.routes_world import EHR, OTHER_EHR, OTHER_PROVIDER, Referred, World

pytestmark = pytest.mark.asyncio(loop_scope="session")

DIRECTORY = {"Organization", "HealthcareService", "Endpoint"}
"""The county's, not a referral's: a provider's own, and what is read by all."""
ABSENT = {"PractitionerRole"}
"""Nobody in this world refers in such a role."""
WITHOUT_BODY = {"GET", "HEAD", "DELETE"}
READING_FOR_NOBODY = {
    "Patient",
    "Consent",
    "Practitioner",
    "RelatedPerson",
    "Observation",
    "RiskAssessment",
    "Provenance",
}


def documents(referred: Referred) -> Iterator[tuple[str, str]]:
    """Kind and id of each document of a referral: what was posted, the order and its reason, both Tasks."""
    for location in referred.locations:
        kind, _, rest = location.partition("/")
        yield kind, rest.split("/")[0]
    yield "ServiceRequest", referred.service_request
    yield "Provenance", referred.id
    yield "Task", referred.task
    yield "Task", referred.id


def named(world: World) -> Iterator[tuple[Route, str, str]]:
    """The routes under /fhir that name a referral's document or a subscription, with its kind and path."""
    found = {*documents(world.kept), ("Subscription", world.subscription)}
    for route in world.three.routes:
        if route.access is None or "{" not in route.path or not route.path.startswith("/fhir/"):
            continue
        kind = route.path.split("/")[2]
        if kind in DIRECTORY | ABSENT:
            continue
        ids = [one for of, one in found if of == kind]
        assert ids, f"{route} names documents that no referral here has"
        for one in ids:
            yield route, kind, route.filled(resource_id=one, task=one, subscription=one, version="1")


def headers_for(world: World, route: Route, caller: Mapping[str, str]) -> dict[str, str]:
    """The caller's token with the other headers of a good request to `route`."""
    if route.method in WITHOUT_BODY:
        return dict(caller)
    return {**good(str(route), world).headers, **caller}


async def test_another_ehr_and_another_provider_find_nothing(watch: Watch) -> None:
    world, faults, tried = watch.world, list[str](), 0
    for route, _, path in named(world):
        assert route.access is not None
        scope = route.access.scope
        for kind, client in (("ehr", OTHER_EHR), ("provider", OTHER_PROVIDER), ("provider", EHR)):
            if route.access.kinds and kind not in route.access.kinds:
                continue
            tried += 1
            headers = headers_for(world, route, world.three.token(scope, kind, client))
            content = b"" if route.method in WITHOUT_BODY else good(str(route), world).content
            answer = await world.three.http.request(route.method, path, headers=headers, content=content)
            if (
                answer.status_code != 404
                or answer.json()["issue"][0]["details"]["coding"][0]["code"] != "not-found"
            ):
                faults.append(f"{route} for {kind}: {answer.status_code}")
    assert faults == []
    assert tried > 60


async def test_a_service_that_acts_for_nobody_reads_no_person(watch: Watch) -> None:
    world, faults, tried = watch.world, list[str](), 0
    for route, kind, path in named(world):
        assert route.access is not None
        if kind not in READING_FOR_NOBODY or route.method != "GET":
            continue
        tried += 1
        caller = world.three.token(route.access.scope, "service", "outcome-collector")
        answer = await world.three.http.get(path, headers=caller)
        if answer.status_code != 404:
            faults.append(f"{route}: {answer.status_code}")
    assert faults == []
    assert tried >= 3 * len(READING_FOR_NOBODY)


async def test_who_posted_it_finds_it(watch: Watch) -> None:
    """The refusals above come from whose it is: its own EHR reads each document that is the EHR's."""
    world, read = watch.world, set[str]()
    for route, kind, path in named(world):
        if route.method == "GET" and route.access is not None and world.kept.task not in path:
            caller = world.three.token(route.access.scope, "ehr", EHR)
            answer = await world.three.http.get(path, headers=caller)
            assert answer.status_code == 200, f"{route}: {answer.status_code}"
            read.add(kind)
    assert read == READING_FOR_NOBODY | {"ServiceRequest", "Task", "Subscription"}
