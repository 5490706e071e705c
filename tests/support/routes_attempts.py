"""Requests with a body: for each route that takes one, a request that is good, to be spoiled in one thing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

import httpx
import orjson
from lahetti.commands.county import county_files
from referral_contracts.systems import OUTPUT_TYPE, REQUEST_STATUS_REASON_EXTENSION, STATUS_REASON
from support.attempt import Attempt
from support.referrals import standing_alone
from support.routes import outcome_fault
from support.routes_access import ACCESS
from support.routes_world import COUNTY, ENDPOINT, PIN, PROVIDER, WISH, Referred, World, bundle
from support.wishes import wish_to_stop

MARK, MARKED_PHONE = "Salamerkkinen", "0409990077"
"""What a bad request plants: nowhere but in the request itself may it be found."""
FHIR, JSON, PATCH, FORM = (
    "application/fhir+json",
    "application/json",
    "application/json-patch+json",
    "application/x-www-form-urlencoded",
)
WITHDRAWN_WORDS = "no-longer-needed"


Making = Callable[[World, Referred], Attempt]


def good(route: str, world: World, referred: Referred | None = None) -> Attempt:
    """A request that `route` takes, about `referred` (the one that is kept, unless told otherwise)."""
    return GOOD[route](world, referred or world.kept)


async def current(world: World, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """A resource as its author reads it."""
    answer = await world.three.http.get(f"/fhir/{path}", headers=dict(headers))
    assert answer.status_code == 200, answer.text
    return answer.json()


def _post_bundle(world: World, _: Referred) -> Attempt:
    said = bundle(client_name=f"{MARK}, Aino", phone=MARKED_PHONE)
    return _json("POST", "/fhir", world.as_ehr(), said, FHIR)


def _post_bundle_at_slash(world: World, referred: Referred) -> Attempt:
    return _post_bundle(world, referred).at("/fhir/")


def _route(world: World, _: Referred) -> Attempt:
    said = bundle(client_name=f"{MARK}, Aino", phone=MARKED_PHONE)
    return _json("POST", "/fhir/ServiceRequest/$route", world.as_ehr(), said, FHIR)


def _create(world: World, _: Referred) -> Attempt:
    said = bundle(client_name=f"{MARK}, Aino", phone=MARKED_PHONE)
    needed = ("Patient", "Consent", "ServiceRequest", "PractitionerRole")  # what is contained is referred to
    said["entry"] = [entry for entry in said["entry"] if entry["resource"]["resourceType"] in needed]
    return _json("POST", "/fhir/ServiceRequest", world.as_ehr(), standing_alone(said), FHIR)


def _put_by_number(world: World, referred: Referred) -> Attempt:
    made = _create(world, referred)
    number = made.body["identifier"][0]
    path = f"/fhir/ServiceRequest?identifier={number['system']}|{number['value']}"
    return _json("PUT", path, world.as_ehr(), made.body, FHIR)


def _validate(name: str) -> Making:
    def making(world: World, _: Referred) -> Attempt:
        said = bundle(client_name=f"{MARK}, Aino", phone=MARKED_PHONE)
        resource = next(e["resource"] for e in said["entry"] if e["resource"]["resourceType"] == name)
        return _json("POST", f"/fhir/{name}/$validate", world.as_ehr(), resource, FHIR)

    return making


def _revoke(world: World, referred: Referred) -> Attempt:
    concept = {"coding": [{"system": STATUS_REASON, "code": WITHDRAWN_WORDS}]}
    extension = {"url": REQUEST_STATUS_REASON_EXTENSION, "valueCodeableConcept": concept}
    operations = [
        {"op": "replace", "path": "/status", "value": "revoked"},
        {"op": "add", "path": "/extension/-", "value": extension},
    ]
    return _json("PATCH", f"/fhir/ServiceRequest/{referred.id}", world.as_ehr(), operations, PATCH).bearing(
        If_Match='W/"1"'
    )


def _withdraw(world: World, referred: Referred) -> Attempt:
    operations = [{"op": "replace", "path": "/status", "value": "inactive"}]
    return _json("PATCH", f"/fhir/Consent/{referred.id}", world.as_ehr(), operations, PATCH).bearing(
        If_Match='W/"1"'
    )


def _put(name: str) -> Making:
    def making(world: World, referred: Referred) -> Attempt:
        # The body is put in by `with_current`: a PUT starts from what was read.
        return _json("PUT", f"/fhir/{name}/{referred.id}", world.as_ehr(), {}, FHIR).bearing(If_Match='W/"1"')

    return making


async def with_current(world: World, attempt: Attempt) -> Attempt:
    """A PUT with the resource that it replaces as its body; anything else as it is."""
    if attempt.method != "PUT":
        return attempt
    return attempt.saying(await current(world, attempt.path.removeprefix("/fhir/"), world.as_ehr()))


def _accept(world: World, referred: Referred) -> Attempt:
    operations: list[Any] = [
        {"op": "replace", "path": "/status", "value": "accepted"},
        {"op": "add", "path": "/note", "value": [{"text": MARK}]},
    ]
    return _json("PATCH", f"/fhir/Task/{referred.task}", world.as_provider(), operations, PATCH).bearing(
        If_Match='W/"1"'
    )


def _wish(world: World, referred: Referred) -> Attempt:
    return _json("POST", "/fhir/Task", world.as_ehr(), wish_to_stop(referred.id, note=MARK), FHIR)


def _county(world: World, _: Referred) -> Attempt:
    return _json("POST", "/gateway/county", world.as_staff(), {"files": county_files(COUNTY)}, JSON)


def _link(world: World, referred: Referred) -> Attempt:
    return _json("POST", "/p/links", world.as_service(), {"task": referred.task}, JSON)


def _pin(world: World, _: Referred) -> Attempt:
    return _json("POST", f"/collector/providers/{PROVIDER}/pin", world.as_staff(), {"pin": PIN}, JSON)


def _secret(world: World, _: Referred) -> Attempt:
    return _json("POST", f"/notifier/endpoints/{ENDPOINT}/secret", world.as_staff(), {}, JSON)


def _token(_: World, __: Referred) -> Attempt:
    content = str(httpx.QueryParams({"grant_type": "client_credentials", "scope": MARK})).encode()
    return Attempt("POST", "/oauth/token", {"Content-Type": FORM}, content)


def _search(name: str) -> Making:
    def making(world: World, _: Referred) -> Attempt:
        caller = {"Endpoint": world.as_provider, "AuditEvent": world.as_staff}.get(name, world.as_ehr)()
        headers = {**caller, "Content-Type": FORM}
        return Attempt("POST", f"/fhir/{name}/_search", headers, f"_id={MARK}".encode())

    return making


def _of_access(route: str) -> Making:
    def making(world: World, referred: Referred) -> Attempt:
        path, headers, body = ACCESS[route](world, referred)
        return _json("POST", path, headers, body, JSON)

    return making


def _asked(operation: str) -> Making:
    def making(world: World, _: Referred) -> Attempt:
        path = f"/fhir/Subscription/{world.subscription}/{operation}"
        return _json("POST", path, world.as_ehr(), {"resourceType": "Parameters"}, FHIR)

    return making


def _take_back(_: World, __: Referred) -> Attempt:
    content = str(httpx.QueryParams({"token": MARK})).encode()
    return Attempt("POST", "/oauth/revoke", {"Content-Type": FORM}, content)


def _form(action: str, **fields: str) -> Making:
    def making(_: World, referred: Referred) -> Attempt:
        content = httpx.QueryParams(fields).__str__().encode()
        return Attempt("POST", f"/p/{referred.link}/{action}", {"Content-Type": FORM}, content)

    return making


def _json(method: str, path: str, headers: Mapping[str, str], body: Any, media: str) -> Attempt:
    return Attempt(method, path, {**headers, "Content-Type": media}, orjson.dumps(body))


GOOD: Mapping[str, Making] = {
    "POST /fhir": _post_bundle,
    "POST /fhir/": _post_bundle_at_slash,
    "PUT /fhir/ServiceRequest/{resource_id}": _put("ServiceRequest"),
    "PATCH /fhir/ServiceRequest/{resource_id}": _revoke,
    "PUT /fhir/Consent/{resource_id}": _put("Consent"),
    "PATCH /fhir/Consent/{resource_id}": _withdraw,
    "POST /fhir/ServiceRequest/$route": _route,
    "POST /fhir/ServiceRequest": _create,
    "PUT /fhir/ServiceRequest": _put_by_number,
    **{f"POST /fhir/{name}/$validate": _validate(name) for name in ("ServiceRequest", "Patient", "Consent")},
    "POST /gateway/county": _county,
    "POST /fhir/Task": _wish,
    "PATCH /fhir/Task/{task}": _accept,
    **{
        f"POST /fhir/{name}/_search": _search(name)
        for name in (
            "Task",
            "ServiceRequest",
            "Patient",
            "Consent",
            "Organization",
            "HealthcareService",
            "Endpoint",
            "AuditEvent",
        )
    },
    "POST /fhir/Subscription": lambda world, _: _json(
        "POST", "/fhir/Subscription", world.as_ehr(), WISH, FHIR
    ),
    "POST /fhir/Subscription/{subscription}/$status": _asked("$status"),
    "POST /fhir/Subscription/{subscription}/$events": _asked("$events"),
    **{route: _of_access(route) for route in ACCESS},
    "POST /p/links": _link,
    "POST /collector/providers/{provider}/pin": _pin,
    "POST /notifier/endpoints/{endpoint}/secret": _secret,
    "POST /oauth/token": _token,
    "POST /oauth/revoke": _take_back,
    "POST /p/{link_token}/session": _form("session", pin=PIN),
    "POST /p/{link_token}/close": _form("close", form="x"),
    "POST /p/{link_token}/{action}": _form("acceptance", form="x", version="1"),
}
"""By route. A test holds the names equal to the routes that the applications have."""

PAGES = tuple(name for name in GOOD if name.startswith("POST /p/{"))
SEARCHES = tuple(name for name in GOOD if name.endswith("/_search"))
FORMS = (*PAGES, *SEARCHES, "POST /oauth/token", "POST /oauth/revoke")
MACHINES = tuple(name for name in GOOD if name not in FORMS)
VERSIONED = tuple(name for name in GOOD if name.startswith(("PUT", "PATCH")) and "{" in name)
"""What changes what is there; a conditional update may also make something."""
BODY_OPTIONAL = (
    "POST /collector/providers/{provider}/pin",
    "POST /notifier/endpoints/{endpoint}/secret",
    "POST /fhir/Subscription/{subscription}/$status",
    "POST /fhir/Subscription/{subscription}/$events",
)
"""Without a body these make up the PIN or the secret themselves; an operation needs no parameters."""

Output = Mapping[str, Any]
RESULT: Output = {
    "type": {"coding": [{"system": OUTPUT_TYPE, "code": "resulting-activity"}]},
    "valueCodeableConcept": {"text": MARK},
}


@dataclass(frozen=True)
class Watch:
    """What is looked at around a bad request: all tables, and every line of the log."""

    world: World
    log: StringIO

    async def refused(
        self,
        attempt: Attempt,
        *statuses: int,
        slug: str | None = None,
        but: frozenset[str] = frozenset(),
        chunked: bool = False,
    ) -> httpx.Response:
        """Send `attempt`; it must be refused with one of `statuses` (and `slug`), be stored nowhere but in
        the tables `but`, and leave its marks neither in the answer nor in the log."""
        before = self.world.three.stored()
        answer = await attempt.send(self.world.three.http, chunked=chunked)
        after = self.world.three.stored()
        assert answer.status_code in statuses, f"{answer.status_code}, not {statuses}: {answer.text[:500]}"
        assert {name for name in after if before.get(name) != after[name]} <= but
        self._silent(answer)
        is_page = attempt.path.startswith("/p/") and attempt.path != "/p/links"
        if is_page:
            assert answer.headers["content-type"] == "text/html; charset=utf-8", answer.text[:500]
        else:
            assert (fault := outcome_fault(answer)) is None, f"{fault}: {answer.text[:500]}"
            slugs = [issue["details"]["coding"][0]["code"] for issue in answer.json()["issue"]]
            assert slug is None or slug in slugs, slugs
        return answer

    def _silent(self, answer: httpx.Response) -> None:
        log = self.log.getvalue()
        assert '"event":"http.request"' in log, "the request is in the log"
        assert "http.failed" not in log, log
        told = f"{answer.headers} {answer.text}"
        for mark in (MARK, MARKED_PHONE):
            assert mark.lower() not in told.lower(), told[:500]
            assert mark.lower() not in log.lower(), log[:500]
        assert "Traceback" not in told + log
