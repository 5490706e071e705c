"""The system under load: three processes of all roles, one more API worker, the county, the peers."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml
from lahetti.composition.blueprint import COLLECTOR, GATEWAY, NOTIFIER, PRODUCT
from lahetti.composition.engines import Room, engines, room
from lahetti.composition.processes import (
    RoleProcess,
    RunningProcesses,
    processes,
    processes_blueprint,
    until_ready,
)
from lahetti.operator_api import OperatorApi
from lahetti.refusals import Refused
from lahetti.state import StateFolder, Whereabouts
from service_runtime.tokens import TokenSigner

ROOT = Path(__file__).resolve().parents[2]
COUNTY = ROOT / "counties" / "kymenlaakso"
HERE = Path(__file__).parent
EHR = "ehr-bench"
MUNICIPALITIES = {
    "kotka": "285",
    "kouvola": "286",
    "hamina": "075",
    "pyhtaa": "624",
    "virolahti": "935",
    "miehikkala": "489",
}
MOST = 1_000_000
"""Every party's number for a year, so that each acceptance counts a quota, as it does in service."""

ALL_ROLES = {
    GATEWAY: [["api"], ["consumer", "relay"]],
    NOTIFIER: [["api", "consumer", "dispatcher", "relay"]],
    COLLECTOR: [["api", "consumer", "dispatcher", "relay"]],
}
THREE = {**ALL_ROLES, GATEWAY: [["api", "consumer", "relay"]]}
EACH_ALONE: dict[str, list[list[str]]] = {
    GATEWAY: [["api"], ["consumer"], ["relay"]],
    NOTIFIER: [["api"], ["consumer"], ["dispatcher"], ["relay"]],
    COLLECTOR: [["api"], ["consumer"], ["dispatcher"], ["relay"]],
}
TWO_WORKERS: dict[str, list[list[str]]] = {GATEWAY: [["api"], ["api"]], NOTIFIER: [], COLLECTOR: []}
"""Accepting alone: what is accepted waits in the outbox, as it does while Kafka is away."""


@dataclass(frozen=True)
class System:
    """What the scenarios use of it."""

    gateway: str
    token: str
    database_url: str
    running: RunningProcesses
    peers: "Peers"

    def memory_mb(self) -> dict[str, float]:
        """PSS of each process in MB, by its name."""
        return {
            role.name: round(psutil.Process(role.process.pid).memory_full_info().pss / 1e6, 1)
            for role in self.running.roles
            if role.process is not None
        }


class Peers:
    """The process of `peers.py`."""

    def __init__(self, process: asyncio.subprocess.Process, origin: str) -> None:
        self._process, self.origin = process, origin

    @classmethod
    async def start(cls) -> "Peers":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(HERE / "peers.py"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=256 * 1024 * 1024,
        )
        assert process.stdout is not None
        return cls(process, (await process.stdout.readline()).decode().strip())

    async def plan(self, plan: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(plan).encode() + b"\n")
        await self._process.stdin.drain()

    async def ledger(self) -> dict[str, Any]:
        """End it, and what it saw."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        line = await self._process.stdout.readline()
        await self._process.wait()
        return json.loads(line)


@asynccontextmanager
async def system(*, completes: bool = False, split: Mapping[str, Any] = ALL_ROLES) -> AsyncIterator[System]:
    """A fresh installation on the running engines, loaded and ready; gone at the end."""
    folder = ROOT / ".run" / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    peers = await Peers.start()
    async with room(engines()) as space, _installation(folder, space, split) as running:
        signer = TokenSigner(Path(running.whereabouts.key_file))
        await _load(running, peers.origin, secrets=bool(split[NOTIFIER]))
        tokens = {
            provider: signer.sign(client_id=provider, kind="provider", scope="system/Task.rsu", seconds=7200)
            for provider in MUNICIPALITIES
        }
        await peers.plan({"completes": completes, "tokens": tokens})
        scope = "system/Bundle.c system/ServiceRequest.ru system/Task.rsu"
        token = signer.sign(client_id=EHR, kind="ehr", scope=scope, seconds=7200)
        yield System(
            gateway=f"{running.blueprint.service_urls[GATEWAY]}/fhir",
            token=token,
            database_url=space.database_url,
            running=running,
            peers=peers,
        )


@asynccontextmanager
async def _installation(
    folder: Path, space: Room, split: Mapping[str, Any]
) -> AsyncIterator[RunningProcesses]:
    state = StateFolder(folder)
    blueprint = processes_blueprint(
        state, space, county="kymenlaakso", schedule=PRODUCT, smtp_port=None, log_level="warning"
    )
    with state.held():
        async with processes(blueprint, split) as running:
            yield running


async def restart(role: RoleProcess, variant: str) -> None:
    """Start a role again, as it is or as the script `variant` beside this one has it."""
    role.signal(signal.SIGTERM)
    if role.process is not None:
        await asyncio.to_thread(role.process.wait)
    if variant:
        _start(role, variant)
    else:
        role.start()
    await until_ready(role)


def _start(role: RoleProcess, variant: str) -> None:
    role.process = subprocess.Popen(
        [sys.executable, str(HERE / variant), *role.roles],
        env={**os.environ, **role.environment},
        stdin=subprocess.DEVNULL,
        stdout=role.log,
        stderr=role.log,
        start_new_session=True,
    )


async def _load(running: RunningProcesses, peers: str, *, secrets: bool) -> None:
    async with OperatorApi(running.whereabouts) as operator:
        await operator.post("gateway/county", {"files": bench_county(peers)})
    if secrets:
        await give_secrets(running.whereabouts)


def bench_county(peers: str) -> dict[str, str]:
    """The county's own folder with the peers' addresses, and a number in every agreement."""
    files = {
        str(path.relative_to(COUNTY)): path.read_text()
        for path in sorted(COUNTY.rglob("*"))
        if path.suffix in {".json", ".yaml"}
    }
    for provider in MUNICIPALITIES:
        files[f"directory/{provider}.json"] = _directory(files[f"directory/{provider}.json"], provider, peers)
    agreement = yaml.safe_load(files["agreements/exercise.yaml"])
    for party in agreement["parties"]:
        party["number"] = {"most": MOST, "period": "year"}
    files["agreements/exercise.yaml"] = yaml.safe_dump(agreement)
    client = {"id": EHR, "name": "Bench", "mode": "write", "base": f"{peers}/fhir"}
    files["clients.yaml"] = yaml.safe_dump({"clients": [client]})
    return files


async def give_secrets(whereabouts: Whereabouts) -> None:
    """Let every webhook of the benchmark be signed."""
    async with OperatorApi(whereabouts) as operator:
        for provider in MUNICIPALITIES:
            await _secret(operator, f"{provider}-bench")


async def _secret(operator: OperatorApi, endpoint: str) -> None:
    """The notifier hears of a new endpoint over the directory's topic, a moment after the load."""
    for _ in range(300):
        try:
            await operator.post(f"notifier/endpoints/{endpoint}/secret", {})
            return
        except Refused:
            await asyncio.sleep(0.1)
    raise Refused(f"the notifier never heard of {endpoint}")


def _directory(text: str, provider: str, peers: str) -> str:
    bundle = json.loads(text)
    resources = [entry["resource"] for entry in bundle["entry"]]
    endpoints = [one for one in resources if one["resourceType"] == "Endpoint"]
    webhook = next(iter(endpoints)) | {"id": f"{provider}-bench", "address": f"{peers}/hook/{provider}"}
    webhook["connectionType"] = {
        "system": "http://terminology.hl7.org/CodeSystem/subscription-channel-type",
        "code": "rest-hook",
    }
    webhook.pop("meta", None)
    kept = [one for one in resources if one["resourceType"] != "Endpoint"]
    return json.dumps(bundle | {"entry": [{"resource": one} for one in (*kept, webhook)]})
