"""A record system that keeps versions, enforces If-Match and changes Tasks itself, and the sender that writes
to it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from lahetti.simulators.ehr import EhrSimulator
from lahetti.simulators.loopback import LoopbackServer
from outcome_collector.adapters import tables
from outcome_collector.adapters.ehr_sender import EhrSender
from outcome_collector.adapters.service_token import ServiceTokens
from referral_contracts.events import ReferralRouted
from service_runtime import http
from service_runtime.clock import SystemClock
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.sender import Attempted, Delivery
from service_runtime.tokens import TokenSigner, generate_keys
from sqlalchemy import update
from support.collector import Collector

OWN = {"resourceType": "Task", "status": "requested", "intent": "order", "description": "Liikuntalähete",
       "note": [{"text": "Oma muistiinpano."}], "groupIdentifier": {"value": "E-1"}}  # fmt: skip


@dataclass
class Home:
    """The record system, and the sender that writes to it."""

    collector: Collector
    ehr: EhrSimulator
    sender: EhrSender

    async def referral(self, **facts: Any) -> tuple[ReferralRouted, str, str]:
        """A routed referral: the event, its Task B, and the address of the record system's Task A."""
        url = self.ehr.new_task_url()
        self.ehr.keep_task(url, dict(OWN))
        routed = await self.collector.route(task_a=url, **facts)
        return routed, await self.collector.task_b(routed), url

    async def bring(self, version: int | None = None, attempt: int = 1) -> Attempted:
        """One attempt, the how manieth is `attempt`, at the oldest write-back that has not succeeded, or at
        that of `version`."""
        rows = await self.collector.rows(tables.WriteBack)
        waiting = [row for row in rows if row["state"] == "waiting"]
        row = min(
            (row for row in waiting if version in (None, row["sequence"])), key=lambda row: row["sequence"]
        )
        attempted = await self.sender.send(replace(claimed_write_back(row), attempt=attempt))
        if attempted.outcome is AttemptClass.DELIVERED:
            await self._succeeded(row["id"])
        return attempted

    async def _succeeded(self, delivery: str) -> None:
        rows = tables.WriteBack
        async with self.collector.database.write() as session:
            written = update(rows).where(rows.id == delivery).values(state="succeeded")
            assert (await session.execute(written)).rowcount == 1


@pytest.fixture
async def home(collector: Collector, tmp_path: Path) -> AsyncIterator[Home]:
    keys = generate_keys(tmp_path / "keys")
    jwks = LoopbackServer(lambda: [web.get("/jwks.json", _file(keys.public))])
    ehr = EhrSimulator(f"{jwks.origin}/jwks.json")
    await jwks.come_up()
    await ehr.server.come_up()
    session = http.session(total_seconds=5)
    tokens = ServiceTokens(TokenSigner(keys.private), SystemClock())
    yield Home(
        collector, ehr, EhrSender(collector.database, session, tokens, SystemClock(), collector.recordings)
    )
    await session.close()
    await ehr.server.close()
    await jwks.close()


def claimed_write_back(row: dict[str, Any]) -> Delivery:
    """The write-back of a row as the dispatcher hands it to the sender, at its first try."""
    return Delivery(
        id=row["id"],
        event_id=row["event_id"],
        endpoint=row["endpoint"],
        channel=row["channel"],
        ordering_key=row["ordering_key"],
        sequence=row["sequence"],
        payload=row["payload"],
        created_at=row["created_at"],
        attempt=1,
        attempt_id="",
        spent=0,
        fault_since=None,
        stalled=False,
        token="",
    )


def _file(path: Path) -> Any:
    content = path.read_bytes()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=content, content_type="application/json")

    return answer
