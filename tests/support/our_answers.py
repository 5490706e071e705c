"""Whatever we answer and send in FHIR: Bundles of every kind, histories, refusals, previews, events."""

from typing import Any

import httpx
import orjson
from outcome_collector.domain.notification import Event, notification
from outcome_collector.domain.subscription import Subscription
from provider_notifier.domain.notice import Notice, iso
from provider_notifier.domain.notice import notification as webhook_body
from referral_contracts.systems import BACKPORT
from support.clocks import StandingClock
from support.collector import note, reason, status
from support.routes import until
from support.routes_world import EHR, OTHER_EHR, World, bundle, refer
from support.wishes import wish_to_stop

Resource = dict[str, Any]
PATCH = "application/json-patch+json"
SUMMARIES = ("_summary=true", "_summary=text", "_summary=data", "_summary=count")


async def our_answers(world: World) -> dict[str, Resource]:
    """By what was asked, from a world with referrals in it: without the profiles of the Backport guide, which
    are not here to be held against; ours are."""
    ask = Asking(world)
    await _read(ask, world)
    async with world.three.loops():
        await refer(world)
    await _written(ask, world)
    await _ended(ask, world)
    await _refused(ask, world)
    answers = ask.answers | _told("https://lahetti.example/fhir")
    return {name: _without_neighbours_profiles(one) for name, one in answers.items()}


class Asking:
    """Asks, and keeps each answer that is FHIR under the question's own words."""

    def __init__(self, world: World) -> None:
        self.http = world.three.http
        self.answers: dict[str, Resource] = {}

    async def __call__(
        self, status: int, method: str, path: str, who: dict[str, str], *, body: Any = None, **headers: str
    ) -> httpx.Response:
        content = None if body is None else orjson.dumps(body)
        more = {"Content-Type": "application/fhir+json"} | {
            k.replace("_", "-"): v for k, v in headers.items()
        }
        answer = await self.http.request(method, path, headers=who | more, content=content)
        assert answer.status_code == status, (method, path, answer.text)
        if answer.content:
            self.answers[f"{method} {path} {answer.status_code} {len(self.answers)}"] = answer.json()
        return answer


async def _read(ask: Asking, world: World) -> None:
    ehr, provider, staff = world.as_ehr(), world.as_provider(), world.as_staff()
    kept = world.kept
    await ask(200, "GET", "/fhir/metadata", {})
    for kind in ("ServiceRequest", "Patient", "Consent", "Task"):
        await ask(200, "GET", f"/fhir/{kind}/{kept.id}", ehr)
        await ask(200, "GET", f"/fhir/{kind}/{kept.id}/_history", ehr)
        await ask(200, "GET", f"/fhir/{kind}/{kept.id}/_history/1", ehr)
        for query in (*SUMMARIES, "_count=1&_total=accurate", "no-such=1"):
            await ask(200, "GET", f"/fhir/{kind}?{query}", ehr)
    for kind in ("Organization", "HealthcareService", "Endpoint"):
        for query in ("_count=3", *SUMMARIES):
            await ask(200, "GET", f"/fhir/{kind}?{query}", provider)
    for location in kept.locations:
        await ask(200, "GET", f"/fhir/{location.partition('/_history')[0]}", ehr)
    requests = "/fhir/ServiceRequest?_include=ServiceRequest:patient&_include=ServiceRequest:requester"
    await ask(200, "GET", f"{requests}&_revinclude=Task:focus", ehr)
    await ask(200, "GET", "/fhir/Task?_include=Task:focus&_include=Task:patient", provider)
    await ask(200, "GET", f"/fhir/Task/{kept.task}", provider)
    await ask(200, "GET", f"/fhir/ServiceRequest/{kept.service_request}", provider)
    for query in ("_count=30", *SUMMARIES):
        await ask(200, "GET", f"/fhir/AuditEvent?{query}", staff)
    subscription = f"/fhir/Subscription/{world.subscription}"
    for path in (subscription, f"{subscription}/$status", f"{subscription}/$events"):
        await ask(200, "GET", path, ehr)


async def _written(ask: Asking, world: World) -> None:
    ehr, provider = world.as_ehr(), world.as_provider()
    spare = world.spare
    for prefer in ("return=minimal", "return=representation", "return=OperationOutcome"):
        await ask(200, "POST", "/fhir", ehr, body=bundle(), Prefer=prefer)
    reads = [{"request": {"method": "GET", "url": f"Task/{one}"}} for one in (spare.id, "nobody")]
    await ask(200, "POST", "/fhir", ehr, body={"resourceType": "Bundle", "type": "batch", "entry": reads})
    accept = [status("accepted"), note("Soitan huomenna.")]
    headers = {"Content_Type": PATCH, "If_Match": 'W/"1"'}
    await ask(200, "PATCH", f"/fhir/Task/{spare.task}", provider, body=accept, **headers)
    begin = [status("in-progress")]
    await ask(412, "PATCH", f"/fhir/Task/{spare.task}", provider, body=begin, **headers)
    again = headers | {"If_Match": 'W/"2"'}
    back = [status("requested")]
    await ask(422, "PATCH", f"/fhir/Task/{spare.task}", provider, body=back, **again)
    wrong = [status("no-such")]
    await ask(422, "PATCH", f"/fhir/Task/{spare.task}", provider, body=wrong, **again)
    await ask(200, "GET", f"/fhir/Task/{spare.task}/_history", provider)
    await ask(200, "GET", f"/fhir/Task/{spare.id}/_history", ehr)
    whole = bundle()
    request = next(
        one["resource"] for one in whole["entry"] if one["resource"]["resourceType"] == "ServiceRequest"
    )
    patient = next(one["resource"] for one in whole["entry"] if one["resource"]["resourceType"] == "Patient")
    await ask(200, "POST", "/fhir/Patient/$validate", ehr, body=patient)
    await ask(200, "POST", "/fhir/Patient/$validate", ehr, body=patient | {"gender": "no-such"})
    await ask(200, "POST", "/fhir/ServiceRequest/$route", ehr, body=whole)
    await ask(200, "POST", "/fhir", ehr, body=whole)
    request["priority"] = "urgent"
    await ask(409, "POST", "/fhir", ehr, body=whole)
    without = bundle()
    without["entry"] = without["entry"][:1]
    await ask(422, "POST", "/fhir", ehr, body=without, Accept_Language="sv")


async def _ended(ask: Asking, world: World) -> None:
    """A wish to stop what has begun, its answer and the end of the Task; a permission taken back."""
    ehr, provider, spare, paged = world.as_ehr(), world.as_provider(), world.spare, world.paged
    task = f"/fhir/Task/{spare.task}"
    await ask(
        200, "PATCH", task, provider, body=[status("in-progress")], Content_Type=PATCH, If_Match='W/"2"'
    )
    wished = await ask(201, "POST", "/fhir/Task", ehr, body=wish_to_stop(spare.id, note="Muutti pois."))
    own = wished.json()["id"]
    await ask(200, "GET", f"/fhir/Task/{own}", provider)
    version = (await ask(200, "GET", task, provider)).headers["etag"]
    over = [status("failed"), reason("life-situation-changed")]
    headers = {"Content_Type": PATCH, "If_Match": version}
    await ask(200, "PATCH", task, provider, body=over, **headers)
    inactive = [{"op": "replace", "path": "/status", "value": "inactive"}]
    await ask(
        200, "PATCH", f"/fhir/Consent/{paged.id}", ehr, body=inactive, Content_Type=PATCH, If_Match='W/"1"'
    )

    async def is_over() -> bool:
        found = await world.three.http.get(f"/fhir/Task/{paged.id}", headers=ehr)
        return found.json()["status"] == "cancelled"

    async with world.three.loops():
        await until("the Task without permission is cancelled", is_over)
    for one in (spare.id, paged.id, own):
        await ask(200, "GET", f"/fhir/Task/{one}", ehr)
        await ask(200, "GET", f"/fhir/Task/{one}/_history", ehr)
    await ask(200, "GET", "/fhir/Task?code=abort", ehr)
    await ask(200, "GET", "/fhir/Task?_count=100", provider)


async def _refused(ask: Asking, world: World) -> None:
    ehr = world.as_ehr()
    await ask(401, "GET", "/fhir/Task", {})
    await ask(404, "GET", "/fhir/Task/nobody", ehr)
    await ask(404, "GET", "/fhir/NoSuchType", ehr)
    await ask(404, "GET", f"/fhir/Task/{world.kept.id}", world.as_ehr(OTHER_EHR))
    await ask(405, "DELETE", f"/fhir/Task/{world.kept.id}", ehr)
    await ask(400, "GET", "/fhir/Task?_lastUpdated=soon", ehr)
    await ask(400, "GET", "/fhir/Task?no-such=1", ehr, Prefer="handling=strict")
    await ask(403, "GET", "/fhir/AuditEvent", ehr)


def _told(base: str) -> dict[str, Resource]:
    """What a subscriber's address gets."""
    at = StandingClock().now()
    subscription = Subscription(
        "01900000-0000-7000-8000-0000000000aa",
        EHR,
        "active",
        "https://ehr.example.org/told",
        "Tests",
        None,
        at,
        at,
        0,
    )
    event = Event(1, "01900000-0000-7000-8000-0000000000ab", at)
    notice = Notice("task.requested", event.task, event.task, 1, "kotka", True, False, iso(at))
    hook = webhook_body(notice, event=subscription.id, endpoint="kotka-1", number=1, public_base_url=base)
    named = {"identifier": "01900000-0000-7000-8000-0000000000ac", "at": at, "base": base}
    return {
        "webhook": orjson.loads(hook),
        "handshake": notification(subscription, "handshake", (), **named),
        "event-notification": notification(subscription, "event-notification", (event,), **named),
    }


def _without_neighbours_profiles(value: Any) -> Any:
    """The profiles of the Backport guide are not here to be held against; ours are."""
    if isinstance(value, list):
        return [_without_neighbours_profiles(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _without_neighbours_profiles(one) for name, one in value.items()}
    if "profile" in kept and isinstance(kept["profile"], list):
        kept["profile"] = [one for one in kept["profile"] if not str(one).startswith(BACKPORT)]
        if not kept["profile"]:
            del kept["profile"]
    return {name: one for name, one in kept.items() if name != "meta" or one}
