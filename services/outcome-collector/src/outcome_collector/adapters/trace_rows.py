"""One referral's way through the collector: its Tasks' versions, contact attempts and write-backs, without
a name."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from referral_contracts.status_reasons import REASON_STATUSES, WITHHELD
from referral_contracts.systems import PROGRESS
from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.database.statements import table_of
from service_runtime.ids import is_id
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.tables import ContactAttempt, Revocation, WriteBack, WriteBackAttempt
from outcome_collector.adapters.task_rows import RESOURCES, TASKS, task_of
from outcome_collector.domain.task_documents import code_in, instant

_ATTEMPTS, _REVOCATIONS = table_of(ContactAttempt), table_of(Revocation)
_WRITE_BACKS, _TRIES = table_of(WriteBack), table_of(WriteBackAttempt)

Step = Mapping[str, Any]
_Step = tuple[datetime, str, dict[str, Any]]
_NAMES = {"A": "Task A", "B": "Task", "stop": "wish to stop"}


class TraceRows:
    """Reads the steps of `GET /collector/trace/{referral}`, the oldest first."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def __call__(self, referral: str) -> Sequence[Step]:
        if not is_id(referral):
            return ()
        steps: list[_Step] = []
        async with self._database.read() as session:
            permitted = await self._permitted(session, referral)
            for query, step_of in _PARTS if permitted else _WITHHELD_PARTS:
                rows = await session.execute(query(referral))
                steps.extend(step_of(dict(row)) for row in rows.mappings())
        steps.sort(key=lambda step: step[0])
        return [
            {"at": instant(at), "service": "outcome-collector", "what": what, "ids": ids}
            for at, what, ids in steps
        ]

    async def _permitted(self, session: AsyncConnection, referral: str) -> bool:
        """Whether more than the status of the referral's Tasks may be told."""
        task_a = select(TASKS).where(TASKS.c.referral == referral, TASKS.c.kind == "A")
        row = (await session.execute(task_a)).mappings().first()
        return row is not None and task_of(row).permits(self._clock.now())


def _version_step(row: Mapping[str, Any]) -> _Step:
    document = orjson.loads(row["body"])
    progress = code_in(document.get("businessStatus"), PROGRESS)
    what = f"{_NAMES[row['kind']]} {document['status']}" + (f", {progress}" if progress else "")
    return _step_of_version(row, what)


def _withheld_version_step(row: Mapping[str, Any]) -> _Step:
    status = orjson.loads(row["body"])["status"]
    what = f"{_NAMES[row['kind']]} {status}" + (f", {WITHHELD}" if status in REASON_STATUSES else "")
    return _step_of_version(row, what)


def _step_of_version(row: Mapping[str, Any], what: str) -> _Step:
    ids = {"task": row["id"], "version": row["version"], "provider": row["provider"]}
    return row["last_updated"], what, {name: value for name, value in ids.items() if value is not None}


def _contact_step(row: Mapping[str, Any]) -> _Step:
    return row["at"], "contact attempt recorded on the page", {"task": row["task"]}


def _revocation_step(row: Mapping[str, Any]) -> _Step:
    ids = {"service_request": row["service_request"], "attempt": row["attempts"]}
    what = "revocation read" if row["done_at"] else "revocation waits for its reason"
    return row["done_at"] or row["planned_at"], what, ids


def _write_back_step(row: Mapping[str, Any]) -> _Step:
    ids = {"version": row["sequence"], "client": row["endpoint"], "attempt": row["number"]}
    status = {"status": row["status_code"]} if row["status_code"] is not None else {}
    return row["started_at"], f"write-back {row['outcome']}", ids | status


def _versions(referral: str) -> Any:
    return (
        select(
            TASKS.c.id,
            TASKS.c.kind,
            TASKS.c.provider,
            RESOURCES.c.version,
            RESOURCES.c.last_updated,
            RESOURCES.c.body,
        )
        .join_from(TASKS, RESOURCES, (RESOURCES.c.type == "Task") & (RESOURCES.c.id == TASKS.c.id))
        .where(TASKS.c.referral == referral)
        .order_by(RESOURCES.c.last_updated, TASKS.c.id, RESOURCES.c.version)
    )


def _contact_attempts(referral: str) -> Any:
    return (
        select(_ATTEMPTS.c.at, _ATTEMPTS.c.task)
        .join(TASKS, TASKS.c.id == _ATTEMPTS.c.task)
        .where(TASKS.c.referral == referral)
    )


def _write_backs(referral: str) -> Any:
    return (
        select(
            _WRITE_BACKS.c.sequence,
            _WRITE_BACKS.c.endpoint,
            _TRIES.c.number,
            _TRIES.c.started_at,
            _TRIES.c.outcome,
            _TRIES.c.status_code,
        )
        .join_from(_WRITE_BACKS, _TRIES, _TRIES.c.delivery == _WRITE_BACKS.c.id)
        .where(_WRITE_BACKS.c.ordering_key == referral)
        .order_by(_TRIES.c.started_at)
    )


def _revocations(referral: str) -> Any:
    return select(_REVOCATIONS).where(_REVOCATIONS.c.referral == referral)


_PARTS: tuple[tuple[Callable[[str], Any], Callable[[Mapping[str, Any]], _Step]], ...] = (
    (_versions, _version_step),
    (_contact_attempts, _contact_step),
    (_write_backs, _write_back_step),
    (_revocations, _revocation_step),
)
_WITHHELD_PARTS = (
    (_versions, _withheld_version_step),
    *(part for part in _PARTS if part[0] not in (_versions, _contact_attempts)),
)
"""Where the permission returns nothing but the status: neither progress nor contact attempts."""
