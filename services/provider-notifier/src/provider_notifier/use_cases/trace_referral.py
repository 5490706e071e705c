"""Tells the way of one referral's notifications."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service_runtime.database.engine import Database
from service_runtime.delivery.classes import RULES, AttemptClass

from provider_notifier.domain.notice import Notice, iso
from provider_notifier.ports import Traces

_SERVICE = "provider-notifier"
Step = Mapping[str, Any]


class TraceReferral:
    """Reads deliveries and attempts of a referral as steps in time; ids, classes and hints only."""

    def __init__(self, database: Database, traces: Traces) -> None:
        self._database, self._traces = database, traces

    async def __call__(self, referral: str) -> Sequence[Step]:
        # Attempts first: those that begin between the two reads are on deliveries that may be unknown yet.
        async with self._database.read() as session:
            attempts = await self._traces.attempts_of(session, referral)
            deliveries = await self._traces.of_referral(session, referral)
        steps: list[tuple[datetime, Step]] = []
        about: dict[str, Mapping[str, str]] = {}
        for row in deliveries:
            about[row["id"]] = _ids(row)
            steps += _delivery_steps(row, about[row["id"]])
        steps += [_attempt_step(row, about[row["delivery"]]) for row in attempts]
        return [step for _, step in sorted(steps, key=lambda pair: pair[0])]


def _ids(row: Mapping[str, Any]) -> Mapping[str, str]:
    return {
        "delivery": row["id"],
        "event": row["event_id"],
        "endpoint": row["endpoint"],
        "task": Notice.from_bytes(row["payload"]).task,
    }


def _delivery_steps(row: Mapping[str, Any], ids: Mapping[str, str]) -> Sequence[tuple[datetime, Step]]:
    told = f"{Notice.from_bytes(row['payload']).type} to {row['channel']} {row['endpoint']}"
    steps = [(row["created_at"], _step(row["created_at"], f"delivery planned: {told}", ids))]
    if row["ended_at"] is not None:
        hint = f" ({_hint(row['last_outcome'])})" if row["state"] == "exhausted" else ""
        steps.append((row["ended_at"], _step(row["ended_at"], f"delivery {row['state']}: {told}{hint}", ids)))
    return steps


def _attempt_step(row: Mapping[str, Any], ids: Mapping[str, str]) -> tuple[datetime, Step]:
    status = f", status {row['status_code']}" if row["status_code"] is not None else ""
    took = f", {row['duration_ms']} ms" if row["duration_ms"] is not None else ""
    what = f"attempt {row['number']}: {row['outcome']}{status}{took}"
    return row["started_at"], _step(row["started_at"], what, {**ids, "attempt": row["id"]})


def _step(at: datetime, what: str, ids: Mapping[str, str]) -> Step:
    return {"at": iso(at), "service": _SERVICE, "what": what, "ids": ids}


def _hint(outcome: str | None) -> str:
    known = outcome in {member.value for member in AttemptClass}
    return RULES[AttemptClass(outcome)].hint if known else ""
