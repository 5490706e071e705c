"""What is published of this server is what its /metadata says, and what an EHR is asked to do can be done."""

import json
from pathlib import Path
from typing import Any

from referral_contracts import systems
from referral_contracts.fhir.validation import validate
from referral_gateway.domain.capability import SERVER, capability_statement
from support.profiles_folder import RESOURCES, resource

PUBLISHED = resource("CapabilityStatement", "lahetti-server")
SERVED = capability_statement("https://lahetti.example.org")
WORDS = {"documentation"}
"""What the published statement says to people beyond what a program reads."""
OF_AN_INSTALLATION = {
    "resourceType",
    "url",
    "status",
    "date",
    "kind",
    "implementation",
    "instantiates",
    "rest",
}


def bare(value: Any) -> Any:
    """Without the words for people, and without the order of lists, in which neither says anything."""
    if isinstance(value, dict):
        return {name: bare(content) for name, content in value.items() if name not in WORDS}
    if isinstance(value, list):
        return sorted((bare(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    return value


def test_every_resource_type_is_published_as_it_is_served() -> None:
    [published], [served] = PUBLISHED["rest"], SERVED["rest"]
    told = {one["type"]: bare(one) for one in published["resource"]}
    assert told == {one["type"]: bare(one) for one in served["resource"]}


def test_the_rest_of_the_statement_agrees_too() -> None:
    [published], [served] = PUBLISHED["rest"], SERVED["rest"]
    assert bare(published["interaction"]) == bare(served["interaction"])
    assert published["mode"] == served["mode"]
    services = [rest["security"]["service"][0]["coding"] for rest in (published, served)]
    assert services[0] == services[1]
    for name in SERVED.keys() - OF_AN_INSTALLATION:
        assert bare(PUBLISHED[name]) == bare(SERVED[name]), name


def test_an_installation_names_the_statement_of_which_it_is_an_instance() -> None:
    assert SERVED["instantiates"] == [SERVER] == [PUBLISHED["url"]]
    assert (SERVED["kind"], PUBLISHED["kind"]) == ("instance", "capability")
    assert validate(SERVED) == []
    assert validate(PUBLISHED) == []


def test_every_profile_and_operation_that_is_named_is_published() -> None:
    [served] = SERVED["rest"]
    published = {json.loads(file.read_text())["url"] for file in Path(RESOURCES).glob("*.json")}
    named = {url for one in served["resource"] for url in one.get("supportedProfile", ())}
    named |= {how["definition"] for one in served["resource"] for how in one.get("operation", ())}
    theirs = {url for url in named if url.startswith(f"{systems.BACKPORT}/")}
    assert theirs == {
        f"{systems.BACKPORT}/StructureDefinition/backport-subscription",
        f"{systems.BACKPORT}/OperationDefinition/backport-subscription-status",
        f"{systems.BACKPORT}/OperationDefinition/backport-subscription-events",
    }
    ours = named - theirs
    assert ours
    assert ours <= published
    assert all(url.startswith(f"{systems.CANONICAL}/") for url in ours)
