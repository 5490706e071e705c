"""What a scrape and a probe ask of the collector's database: counted from rows, so that nothing can drift."""

from service_runtime.database.engine import Database
from service_runtime.database.statements import any_of, table_of
from service_runtime.delivery.backlog import backlog_gauges
from service_runtime.outbox import outbox_age
from service_runtime.parts import Parts
from sqlalchemy import func, select

from outcome_collector.adapters.tables import Notification, Outbox, Revocation, WriteBack
from outcome_collector.adapters.task_rows import TASKS
from outcome_collector.domain.task_state import OPEN

_WRITE_BACKS, _REVOCATIONS = table_of(WriteBack), table_of(Revocation)
_NOTIFICATIONS = table_of(Notification)


def watch(parts: Parts, database: Database) -> None:
    """Add the collector's gauges and its readiness check to those of the process."""

    async def outbox() -> float:
        return await outbox_age(database, Outbox, parts.clock)

    async def revoked() -> float:
        query = select(func.count()).where(_REVOCATIONS.c.done_at.is_(None))
        async with database.read() as session:
            return (await session.execute(query)).scalar_one()

    async def open_tasks() -> float:
        query = select(func.count()).where(TASKS.c.kind == "B", any_of(TASKS.c.status, list(OPEN)))
        async with database.read() as session:
            return (await session.execute(query)).scalar_one()

    due, oldest = backlog_gauges(database, _WRITE_BACKS, parts.clock)
    notifications, oldest_notification = backlog_gauges(database, _NOTIFICATIONS, parts.clock)
    parts.health.add_check("collector-database", database.ping)
    scrape = parts.metrics.at_scrape
    rows = "Rows due and not done."
    scrape("lahetti_due_rows", rows, due, service="collector", kind="write-backs")
    scrape("lahetti_due_rows", rows, revoked, service="collector", kind="revocations")
    age = "Age of the oldest due row."
    scrape("lahetti_oldest_due_seconds", age, oldest, service="collector", kind="write-backs")
    scrape("lahetti_due_rows", rows, notifications, service="collector", kind="notifications")
    scrape("lahetti_oldest_due_seconds", age, oldest_notification, service="collector", kind="notifications")
    scrape("lahetti_open_tasks", "Tasks of providers that have not ended.", open_tasks, service="collector")
    scrape("lahetti_outbox_age_seconds", "Age of the oldest unpublished event.", outbox, service="collector")
