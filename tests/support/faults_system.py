"""One installation on the real engines, every role its own process, with patient counterparts around it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lahetti.commands.county import county_files
from lahetti.composition.blueprint import SHORT
from lahetti.composition.engines import Engines, Room, engines, room
from lahetti.composition.processes import RoleProcess, RunningProcesses, processes, processes_blueprint
from lahetti.demo.demo_county import sixteen_cases
from lahetti.demo.stage import stage
from lahetti.demo.world import World
from lahetti.state import StateFolder
from support.faults_clients import Traffic
from support.faults_flow import Flow
from support.faults_ledger import Ledger
from support.faults_sights import Observer
from support.performances import COUNTY, mailbox

LAST_LINES = 12
QUICK: Mapping[str, Any] = {
    "lease_seconds": 2,
    "consumer_session_seconds": 6,
    "http_total_seconds": 2,
    "smtp_seconds": 2,
    "delivery_lease_seconds": 3,
    "write_back_lease_seconds": 3,
    "poll_seconds": 0.5,
}
"""Short leases and session timeouts: who takes over needs not be waited for long."""


@dataclass(frozen=True)
class FaultSystem:
    """What runs, what is posted to it, and who looks."""

    folder: Path
    room: Room
    world: World
    running: RunningProcesses
    traffic: Traffic
    flow: Flow
    ledger: Ledger
    observer: Observer

    def role(self, service: str, name: str) -> RoleProcess:
        """The process that has this role of this service."""
        return next(one for one in self.running.roles if one.service == service and name in one.roles)

    async def known_of(self, referrals: Sequence[str]) -> str:
        """`lahetti trace` of up to three referrals, and each role's last log lines."""
        lines: list[str] = []
        for referral in list(dict.fromkeys(one for one in referrals if len(one) == 36))[:3]:
            lines += [f"== lahetti trace {referral}", await asyncio.to_thread(self._trace, referral)]
        lines += self.traffic.faults
        for provider in self.world.providers.values():
            lines += [f"{task}: {failure}" for task, failure in provider.failures.items()]
        for log in sorted(self.folder.glob("logs/*.log")):
            lines += [f"== {log.name}", *log.read_text(errors="replace").splitlines()[-LAST_LINES:]]
        return "\n".join(lines)

    async def known_of_faults(self) -> str:
        """The same of what the ledger finds wrong, after a line for each thing."""
        faults = self.ledger.faults(await self.world.read_topics())
        return "\n".join([*faults, await self.known_of([fault.split()[0] for fault in faults])])

    def _trace(self, referral: str) -> str:
        lahetti = Path(sys.executable).with_name("lahetti")
        done = subprocess.run(
            [lahetti, "trace", referral, "--state", self.folder], capture_output=True, text=True, timeout=60
        )
        return done.stdout + done.stderr


@asynccontextmanager
async def fault_system(
    folder: Path,
    *,
    split: Mapping[str, Sequence[Sequence[str]]] | None = None,
    parts: Callable[[], Engines] = engines,
    change_room: Callable[[Room], Room] = lambda own: own,
    **settings: Any,
) -> AsyncGenerator[FaultSystem]:
    """Started, its county loaded, ready for referrals; `settings` are for all services."""
    traffic, state, where = Traffic(), StateFolder(folder), parts()
    async with mailbox() as mails, room(where) as own:
        blueprint = processes_blueprint(
            state, change_room(own), county="kymenlaakso", schedule=SHORT, smtp_port=mails.port,
            **QUICK | settings,
        )  # fmt: skip
        observer = Observer(own.database_url, where.kafka, own.topic_prefix)
        with state.held():
            async with (
                processes(blueprint, split) as running,
                stage(
                    running.whereabouts,
                    mails,
                    sixteen_cases(county_files(COUNTY)),
                    folder / "county",
                    traffic.client,
                ) as world,
            ):
                await observer.open()
                try:
                    flow = Flow(world)
                    yield FaultSystem(folder, own, world, running, traffic, flow, Ledger(flow), observer)
                finally:
                    await observer.close()
