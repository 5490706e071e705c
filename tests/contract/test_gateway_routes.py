"""Every route of the gateway asks for one right, or says that it is public; /metadata lists what there is."""

import re

import pytest
from referral_gateway.domain.capability import GATEWAY, OPERATIONS
from service_runtime.web.access import Requires, public_route
from support.gateway import Gateway, gateway, migrated_file

__all__ = ["gateway", "migrated_file"]


NO_RESOURCES = {"/fhir/", "/fhir/metadata", "/fhir/.well-known/smart-configuration"}
WAYS = {
    ("GET", ""): "search-type",
    ("POST", "/_search"): "search-type",
    ("POST", "/$route"): "$route",
    ("POST", "/$validate"): "$validate",
    ("POST", ""): "create",
    ("GET", "/{id}"): "read",
    ("GET", "/{id}/_history"): "history-instance",
    ("GET", "/{id}/_history/{version}"): "vread",
    ("PUT", "/{id}"): "update",
    ("PUT", ""): "update",
    ("PATCH", "/{id}"): "patch",
}


@pytest.fixture
def gateway_database(tmp_path, migrated_file) -> str:
    (tmp_path / "gateway.db").write_bytes(migrated_file.read_bytes())
    return f"sqlite:///{tmp_path / 'gateway.db'}"


async def test_each_route_has_exactly_one_access_rule(gateway: Gateway) -> None:
    routes = gateway.service.app.routes
    assert len(routes) > 40
    for route in routes:
        rules = [
            one.call
            for one in route.dependant.dependencies
            if isinstance(one.call, Requires) or one.call is public_route
        ]
        assert len(rules) == 1, route.path


async def test_metadata_lists_each_interaction_that_there_is_and_no_other(gateway: Gateway) -> None:
    served: dict[str, set[str]] = {}
    for route in gateway.service.app.routes:
        if route.path.startswith("/fhir/") and route.path not in NO_RESOURCES:
            name, _, rest = route.path.removeprefix("/fhir/").partition("/")
            rest = re.sub(r"^\{\w+\}", "{id}", rest)
            for method in route.methods - {"HEAD"}:
                served.setdefault(name, set()).add(WAYS[method, f"/{rest}" if rest else ""])
    offered = {name: set(codes) for name, codes in GATEWAY.items()}
    for name, operations in OPERATIONS.items():
        if name in offered:  # the others are the collector's
            offered[name] |= {f"${operation}" for operation in operations}
    assert served == offered
