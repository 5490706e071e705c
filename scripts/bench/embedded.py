"""`lahetti up` under load: everything in one process, on SQLite files."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from lahetti.state import StateFolder
from service_runtime.tokens import TokenSigner
from system import EHR, MUNICIPALITIES, ROOT, Peers, bench_county, give_secrets


class Embedded:
    """What the scenarios use of it; `gateway` and `token` are what the load generator needs."""

    def __init__(self, process: psutil.Process, base_url: str, token: str, peers: Peers) -> None:
        self._process, self.gateway, self.token, self.peers = process, f"{base_url}/fhir", token, peers

    def memory_mb(self) -> float:
        """PSS of the process in MB."""
        return round(self._process.memory_full_info().pss / 1e6, 1)


@asynccontextmanager
async def embedded() -> AsyncIterator[Embedded]:
    """A fresh installation with the benchmark's county, its webhooks answered by the peers; gone at the
    end."""
    folder = ROOT / ".run" / "bench-embedded"
    shutil.rmtree(folder, ignore_errors=True)
    peers = await Peers.start()
    county = folder / "county"
    for name, text in bench_county(peers.origin).items():
        (county / name).parent.mkdir(parents=True, exist_ok=True)
        (county / name).write_text(text)
    command = [str(Path(sys.executable).parent / "lahetti"), "up", "--json"]
    process = await asyncio.create_subprocess_exec(
        *command, "--state", str(folder / "state"), "--county", str(county), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        base_url = json.loads(await process.stdout.readline())["base_url"]
        whereabouts = StateFolder(folder / "state").find()
        await give_secrets(whereabouts)
        signer = TokenSigner(Path(whereabouts.key_file))
        await peers.plan({"completes": False, "tokens": dict.fromkeys(MUNICIPALITIES, "")})
        token = signer.sign(client_id=EHR, kind="ehr", scope="system/Bundle.c", seconds=7200)
        yield Embedded(psutil.Process(process.pid), base_url, token, peers)
    finally:
        process.terminate()
        await process.wait()
