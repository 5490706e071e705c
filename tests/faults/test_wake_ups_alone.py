"""Every case on the real engines with polls a minute apart: what wakes the loops is NOTIFY alone."""

import asyncio
from pathlib import Path

import pytest
from lahetti.composition.processes import ROLES
from lahetti.demo.case_run import CaseRun
from lahetti.demo.cases import CASES
from lahetti.demo.play import play
from support.faults_system import fault_system

pytestmark = pytest.mark.engines

ALL_ROLES = {service: [list(roles)] for service, roles in ROLES.items()}


async def test_every_case_ends_as_it_should_without_polls(tmp_path: Path) -> None:
    async with fault_system(tmp_path, split=ALL_ROLES, poll_seconds=60) as system:
        runs = [CaseRun(case.name, case.channel) for case in CASES]
        await asyncio.wait_for(play(CASES, system.world, lambda _: None, runs), 60)
        wrong = [run for run in runs if not run.ok]
        told = [f"{run.name}: {run.problem}" for run in wrong]
        assert not wrong, "\n".join([*told, await system.known_of([run.referral or "" for run in wrong])])
