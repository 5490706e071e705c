"""What /metadata says of the collector is what the collector does."""

from outcome_collector.entrypoints import task_routes
from outcome_collector.entrypoints.task_access import TaskApi
from referral_contracts.fhir.capability import COLLECTOR
from referral_gateway.domain.capability import capability_statement

WAYS = {
    ("POST", "/fhir/Task"): "create",
    ("GET", "/fhir/Task"): "search-type",
    ("POST", "/fhir/Task/_search"): "search-type",
    ("GET", "/fhir/Task/{task}"): "read",
    ("GET", "/fhir/Task/{task}/_history"): "history-instance",
    ("GET", "/fhir/Task/{task}/_history/{version}"): "vread",
    ("PATCH", "/fhir/Task/{task}"): "patch",
}


def test_each_route_of_tasks_is_told_and_no_other() -> None:
    routes = task_routes.router(
        TaskApi(units=None, clock=None, patience=None, base="", includes=None, recordings=None)
    ).routes
    ways = {(method, route.path) for route in routes for method in route.methods}
    assert {WAYS[way] for way in ways} == set(COLLECTOR["Task"])


def test_the_statement_tells_of_tasks_beside_the_gateways_own() -> None:
    [rest] = capability_statement("https://lahetti.example")["rest"]
    assert {"Task", "ServiceRequest"} <= {one["type"] for one in rest["resource"]}
