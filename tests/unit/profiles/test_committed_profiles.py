"""What is committed of the profiles hangs together; CI checks with SUSHI that the FSH compiles to it."""

import gzip
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from outcome_collector.domain.task_state import STATUSES
from referral_contracts import systems
from referral_contracts.fhir.capability import COLLECTOR
from referral_contracts.status_reasons import REASON_STATUSES
from referral_gateway.domain.capability import GATEWAY

ROOT = Path(__file__).resolve().parents[3]
PROFILES = ROOT / "fhir-profiles"
RESOURCES = {file.name: json.loads(file.read_text()) for file in sorted((PROFILES / "resources").glob("*"))}


def test_the_pages_are_those_that_the_profiles_make() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "profiles"), "pages-check"]
    told = subprocess.run(command, capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")


def test_the_package_holds_exactly_the_committed_resources() -> None:
    [package] = (PROFILES / "package").glob("*.tgz")
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(package.read_bytes()))) as archive:
        held = {name.removeprefix("package/"): archive.extractfile(name) for name in archive.getnames()}
    contents = {name: json.loads(file.read()) for name, file in held.items() if file}
    described, index = contents.pop("package.json"), contents.pop(".index.json")
    assert contents == RESOURCES
    assert {one["filename"] for one in index["files"]} == set(RESOURCES)
    assert package.name == f"{described['name']}-{described['version']}.tgz"
    assert {one["version"] for one in RESOURCES.values()} == {described["version"]}


@pytest.mark.parametrize("name", RESOURCES)
def test_a_resource_stands_at_its_canonical_address(name: str) -> None:
    resource = RESOURCES[name]
    assert name == f"{resource['resourceType']}-{resource['id']}.json"
    assert resource["url"] == f"{systems.CANONICAL}/{resource['resourceType']}/{resource['id']}"


def test_every_canonical_of_ours_that_the_code_writes_is_defined() -> None:
    ours = {value for value in vars(systems).values() if str(value).startswith(f"{systems.CANONICAL}/")}
    assert ours - {resource["url"] for resource in RESOURCES.values()} == {
        systems.ERROR,
        systems.TASK_STATUS_TOPIC,  # R4 has no SubscriptionTopic to define it in
        systems.RULES,  # one for each table of a county, whose folder defines its codes
    }


def test_everything_of_ours_that_a_profile_names_exists() -> None:
    defined = {resource["url"] for resource in RESOURCES.values()}
    named = {
        value.split("|")[0]
        for resource in RESOURCES.values()
        for value in texts({name: content for name, content in resource.items() if name != "snapshot"})
        if value.startswith(f"{systems.CANONICAL}/")
    }
    assert named
    assert named <= defined


def test_a_tasks_statuses_and_those_that_need_a_reason() -> None:
    [part] = RESOURCES["ValueSet-referral-task-status.json"]["compose"]["include"]
    assert {one["code"] for one in part["concept"]} == set(STATUSES)
    [rule] = RESOURCES["StructureDefinition-lahetti-task.json"]["differential"]["element"][0]["constraint"]
    assert {status for status in STATUSES if f"'{status}'" in rule["expression"]} == REASON_STATUSES


def test_what_a_record_system_is_asked_to_do_here_is_offered_here() -> None:
    here, _ = RESOURCES["CapabilityStatement-lahetti-ehr.json"]["rest"]
    offered = {**GATEWAY, **COLLECTOR}
    asked = {one["type"]: {how["code"] for how in one.get("interaction", ())} for one in here["resource"]}
    assert {
        kind: codes - set(offered[kind]) for kind, codes in asked.items() if codes - set(offered[kind])
    } == {}


def texts(value: Any) -> list[str]:
    """Every string inside `value`."""
    if isinstance(value, dict):
        return [text for content in value.values() for text in texts(content)]
    if isinstance(value, list):
        return [text for content in value for text in texts(content)]
    return [value] if isinstance(value, str) else []
