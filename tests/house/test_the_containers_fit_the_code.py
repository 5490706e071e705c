"""What compose.yaml, the Dockerfile and the address in front name exists: images, roles, settings, paths.

No container engine runs in our tests; that the images build and run is not shown here."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from lahetti.commands.migrate import ServiceName
from lahetti.composition.blueprint import INGRESS
from lahetti.composition.processes import ROLES
from service_runtime.settings import RuntimeSettings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS: dict[str, dict[str, Any]] = {
    name: service for name, service in COMPOSE["services"].items() if "build" in service
}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
STAGES = dict(
    re.findall(r"^FROM \S+ AS (\S+)\n(?:(?!FROM ).*\n)*?ENTRYPOINT (\[.*\])$", DOCKERFILE, re.MULTILINE)
)
"""The images, with what each starts."""


def test_there_is_an_image_for_each_service_and_one_for_the_command() -> None:
    assert set(STAGES) == {*ROLES, "lahetti"}
    for service in ROLES:
        package = service.replace("-", "_")
        assert STAGES[service] == f'["python", "-m", "{package}"]'
        assert (ROOT / "services" / service / "src" / package / "__main__.py").is_file()
        assert f"uv sync --frozen --no-dev --no-editable --package {service}\n" in DOCKERFILE


def test_the_image_installs_with_the_uv_that_the_makefile_pins() -> None:
    [pinned] = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"uv=={pinned}\n" in DOCKERFILE


def test_everything_that_the_lock_covers_is_copied_into_the_build() -> None:
    workspace = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for member in workspace["members"]:
        folder = member.split("/")[0]
        assert f"COPY {folder} {folder}\n" in DOCKERFILE
        assert folder in kept


def test_nothing_runs_as_root_at_its_end() -> None:
    for stage, rest in re.findall(r"^FROM \S+ AS (\S+)\n((?s:.*?))(?=^FROM|\Z)", DOCKERFILE, re.MULTILINE):
        users = re.findall(r"^USER (\S+)$", rest, re.MULTILINE)
        assert users == (["10001:10001"] if stage == "base" else []), stage
    assert [name for name, service in OURS.items() if "user" in service] == ["keys"]


@pytest.mark.parametrize("name", OURS)
def test_a_composed_service_has_an_image_and_roles_that_exist(name: str) -> None:
    service = OURS[name]
    target = service["build"]["target"]
    assert target in STAGES
    if target in ROLES:
        assert target == name
        assert set(service["command"]) == {*ROLES[target]}
    elif name.startswith("migrate-"):
        command, whose = service["command"]
        assert command == "migrate"
        assert whose in set(ServiceName)
    for other in service.get("depends_on", {}):
        assert other in COMPOSE["services"]


@pytest.mark.parametrize("name", [name for name in OURS if "environment" in OURS[name]])
def test_a_composed_service_is_given_settings_that_exist(name: str) -> None:
    given = {variable.removeprefix("LAHETTI_").lower() for variable in OURS[name]["environment"]}
    fields = RuntimeSettings.model_fields
    assert given <= set(fields)
    assert {field for field, about in fields.items() if about.is_required()} <= given


def test_the_address_in_front_leads_as_the_ingress_table_says() -> None:
    text = (ROOT / "deploy" / "compose" / "front.conf").read_text()
    led = re.findall(r"location ~ \^(\S+)\(/\|\$\) \{ proxy_pass \$(\w+); \}", text)
    assert led == [(path, service.replace("-", "_")) for path, service in INGRESS]
    addresses = dict(re.findall(r"set \$(\w+) http://(\S+):8000;", text))
    assert addresses == {service.replace("-", "_"): service for service in ROLES}
    assert "location / { proxy_pass $referral_gateway; }" in text
