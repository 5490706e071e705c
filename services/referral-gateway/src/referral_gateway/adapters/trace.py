"""One referral's way through the gateway, from its tables: ids, statuses and times, never a name or a
reason.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from service_runtime.database.statements import table_of
from sqlalchemy import select

from referral_gateway.adapters.tables import Audit, Case, Outbox, Referral, Routing, Waiting
from referral_gateway.ports import Session

_REFERRALS, _ROUTINGS, _OUTBOX = table_of(Referral), table_of(Routing), table_of(Outbox)
_CASES, _AUDIT, _WAITING = table_of(Case), table_of(Audit), table_of(Waiting)
SERVICE = "referral-gateway"
Step = dict[str, Any]


class Trace:
    """Reads what happened to a referral."""

    async def steps(self, session: Session, referral: str) -> list[Step]:
        """The steps by time; empty where there is no such referral."""
        try:
            wanted = str(UUID(referral))
        except ValueError:
            return []
        row = (await session.execute(select(_REFERRALS).where(_REFERRALS.c.id == wanted))).first()
        if row is None:
            return []
        steps = [*_of_referral(row)]
        for wait in await session.execute(select(_WAITING).where(_WAITING.c.referral == wanted)):
            steps += _of_wait(wait)
        for routing in await session.execute(select(_ROUTINGS).where(_ROUTINGS.c.referral == wanted)):
            steps += _of_routing(routing)
        for event in await session.execute(select(_OUTBOX).where(_OUTBOX.c.key == wanted)):
            steps += _of_event(event)
        for case in await session.execute(select(_CASES).where(_CASES.c.referral == wanted)):
            steps += _of_case(case)
        for line in await session.execute(select(_AUDIT).where(_AUDIT.c.referral == wanted)):
            steps.append(_of_reading(line))
        return sorted(steps, key=lambda step: step["at"])


def _step(at: datetime, what: str, **ids: Any) -> Step:
    named = {name: value for name, value in ids.items() if value is not None}
    return {"at": at, "service": SERVICE, "what": what, "ids": named}


def _of_referral(row: Any) -> Iterator[Step]:
    yield _step(row.accepted_at, "referral.accepted", referral=row.id, client=row.client)
    for at, what in (
        (row.revoked_at, "referral.revoked"),
        (row.withdrawn_at, "permission.withdrawn"),
        (row.shown_at, "task-a.final"),
        (row.closed_at, "referral.closed"),
    ):
        if at is not None:
            yield _step(at, what, referral=row.id)


def _of_wait(row: Any) -> Iterator[Step]:
    yield _step(row.since, "waits in line", provider=row.provider, agreement=row.agreement)
    if row.stranded_at is not None:
        yield _step(row.stranded_at, "wait: stranded", provider=row.provider)
    if row.left_at is not None:
        yield _step(row.left_at, f"wait: {row.left_as}", provider=row.provider)


def _of_routing(row: Any) -> Iterator[Step]:
    yield _step(
        row.routed_at,
        "referral.routed" if row.number == 1 else "referral.rerouted",
        service_request=row.id,
        provider=row.provider,
        task=row.task,
    )
    if row.ended_at is not None:
        yield _step(row.ended_at, f"task.{row.status}", service_request=row.id, task=row.task)


def _of_event(row: Any) -> Iterator[Step]:
    kind = orjson.loads(row.headers)["ce_type"]
    yield _step(row.created_at, f"outbox: {kind}", event=row.id)
    if row.published_at is not None:
        again = row.republished or None
        yield _step(row.published_at, f"published: {kind}", event=row.id, topic=row.topic, times_again=again)


def _of_case(row: Any) -> Iterator[Step]:
    yield _step(row.opened_at, f"case opened: {row.kind}", case=row.id, owner=row.owner)
    if row.closed_at is not None:
        yield _step(row.closed_at, f"case closed: {row.kind}", case=row.id)


def _of_reading(row: Any) -> Step:
    name = f"{row.type}/{row.resource}"
    provider = row.on_behalf_of or (row.client if row.kind == "provider" else None)
    return _step(row.at, f"{row.action}: {row.outcome}", document=name, client=row.client, provider=provider)
