"""The three services with a county and referrals in them, as somebody finds them who sends bad input."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
from lahetti.commands.county import county_files
from support.referrals import referral_bundle
from support.routes import Installation, installation, until
from support.subscriptions import wish

COUNTY = Path(__file__).resolve().parents[2] / "counties" / "kymenlaakso"
EHR, OTHER_EHR = "ehr-polling", "ehr-kymenlaakso"
PROVIDER, OTHER_PROVIDER = "kotka", "hamina"
ENDPOINT = "kotka-webhook"
PIN = "20260302"
WISH = wish("https://ehr.example.org/told")
UNKNOWN_REFERRAL = "01900000-0000-7000-8000-00000000000a"
SCOPES = {
    "ehr": "system/Bundle.c system/ServiceRequest.crus system/Task.crus system/Patient.crus"
    " system/Consent.crus system/Organization.rs system/HealthcareService.rs system/Subscription.crd",
    "provider": "system/Bundle.c system/ServiceRequest.rs system/Task.rus system/Patient.rs system/Consent.rs"
    " system/Endpoint.rs system/Organization.rs system/HealthcareService.rs",
    "service": "lahetti/links.c lahetti/audit.r system/Endpoint.rs"
    " system/Organization.r system/ServiceRequest.r",
    "staff": "lahetti/agreements.r lahetti/cases.r lahetti/county.w lahetti/trace.r lahetti/topics.r"
    " lahetti/secrets.w lahetti/pins.w lahetti/clients.r lahetti/clients.w system/Endpoint.rs"
    " system/AuditEvent.s lahetti/person.r lahetti/person.w",
}


@dataclass(frozen=True)
class Referred:
    """A referral that its provider has not answered: its id, ServiceRequest B, Task B, a page's link, and
    where each entry of its Bundle is."""

    id: str
    service_request: str
    task: str
    link: str
    locations: tuple[str, ...] = ()


NONE = Referred("", "", "", "")


@dataclass
class World:
    """The installation, who calls it, and the referrals in it. `kept` stays as it is, `paged` is only looked
    at on its page, `spare` may be used."""

    three: Installation
    kept: Referred
    paged: Referred
    spare: Referred
    subscription: str = ""

    def as_ehr(self, client: str = EHR) -> dict[str, str]:
        return self.three.token(SCOPES["ehr"], "ehr", client)

    def as_provider(self, provider: str = PROVIDER) -> dict[str, str]:
        return self.three.token(SCOPES["provider"], "provider", provider)

    def as_service(self) -> dict[str, str]:
        return self.three.token(SCOPES["service"], "service", "provider-notifier")

    def as_staff(self) -> dict[str, str]:
        return self.three.token(SCOPES["staff"], "staff", "coordinator")


def bundle(**said: Any) -> dict[str, Any]:
    """A referral's Bundle with every type of resource that one may bring along."""
    posted = referral_bundle(identifier=f"R-{uuid4().hex[:12]}", **said)
    urls = {entry["resource"]["resourceType"]: entry["fullUrl"] for entry in posted["entry"]}
    patient = {"reference": urls["Patient"]}
    more: list[dict[str, Any]] = [
        {"resourceType": "Practitioner", "name": [{"text": "Terveydenhoitaja Tarja Testaaja"}]},
        {"resourceType": "RelatedPerson", "patient": patient, "name": [{"text": "Olli Omainen"}]},
        {"resourceType": "RiskAssessment", "status": "final", "subject": patient},
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "Liikkuminen viikossa"},
            "subject": patient,
        },
    ]
    posted["entry"] += [
        {
            "fullUrl": f"urn:uuid:{uuid4()}",
            "resource": resource,
            "request": {"method": "POST", "url": resource["resourceType"]},
        }
        for resource in more
    ]
    return posted


@asynccontextmanager
async def county_world(folder: Path) -> AsyncGenerator[World]:
    """The world with its county, and no referral yet; the loops do not run."""
    async with installation(folder) as three:
        world = World(three, NONE, NONE, NONE)
        files = {"files": county_files(COUNTY)}
        loaded = await three.http.post("/gateway/county", json=files, headers=world.as_staff())
        assert loaded.status_code == 200, loaded.text
        yield world


@asynccontextmanager
async def referred_world(folder: Path) -> AsyncGenerator[World]:
    """The world, seeded through its routes and its loops; the loops have stopped."""
    async with county_world(folder) as world:
        three, staff = world.three, world.as_staff()
        async with three.loops():
            world.kept = await refer(world)
            world.paged = await refer(world)
            world.spare = await refer(world)
        chosen = await three.http.post(
            f"/collector/providers/{PROVIDER}/pin", json={"pin": PIN}, headers=staff
        )
        assert chosen.status_code == 201, chosen.text
        subscribed = await three.http.post("/fhir/Subscription", json=WISH, headers=world.as_ehr())
        assert subscribed.status_code == 201, subscribed.text
        world.subscription = subscribed.json()["id"]
        yield world


async def refer(world: World, posted: dict[str, Any] | None = None, client: str = EHR) -> Referred:
    """Post a referral, as `client`, and wait for its Task; the loops must run."""
    http, provider = world.three.http, world.as_provider()
    answer = await http.post("/fhir", json=posted or bundle(), headers=world.as_ehr(client))
    assert answer.status_code == 200, answer.text
    locations = [entry["response"]["location"] for entry in answer.json()["entry"]]
    referral = next(one.split("/")[1] for one in locations if one.startswith("ServiceRequest/"))

    async def its_task() -> dict[str, Any] | None:
        found = (await http.get("/fhir/Task?status=requested", headers=provider)).json()
        tasks = [entry["resource"] for entry in found.get("entry", [])]
        return next((task for task in tasks if task["for"]["reference"].endswith(referral)), None)

    task = await until("the Task is there", its_task)
    page = await http.post("/p/links", json={"task": task["id"]}, headers=world.as_service())
    link = str(orjson.loads(page.content)["url"]).rpartition("/")[2]
    order = task["focus"]["reference"].rpartition("/")[2]
    return Referred(referral, order, task["id"], link, tuple(locations))
