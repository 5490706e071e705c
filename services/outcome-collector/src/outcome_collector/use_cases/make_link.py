"""A link to a provider's page of one Task; asked for at the moment a mail is sent, so a mail can be sent
again."""

from datetime import datetime, timedelta

from referral_contracts.errors import refuse

from outcome_collector.domain.page_access import Link, digest_of, new_token
from outcome_collector.domain.task import Task
from outcome_collector.ports import Unit


async def make_link(unit: Unit, task_id: str, *, at: datetime, page_days: float) -> str:
    """The secret part of a new link; only its digest is stored. A stop Task's link leads to the Task it is
    about.

    Once the referral has closed, a link works no longer than `page_days` after that. Raises `not-found`
    where there
    is no such Task of a provider."""
    found = await unit.reader.current(task_id)
    task = found[0] if found else None
    if task is not None and task.kind == "stop":
        about = await unit.reader.current(task.focus.removeprefix("Task/"))
        task = about[0] if about else None
    if task is None or task.provider is None:
        raise refuse("not-found")
    token = new_token()
    closes_at = await _closes_at(unit, task, page_days)
    await unit.pages.add_link(Link(digest_of(token), task.id, task.referral, task.provider, at, closes_at))
    return token


async def _closes_at(unit: Unit, task: Task, page_days: float) -> datetime | None:
    a = await unit.reader.current(task.referral)
    closed_at = a[0].closed_at if a else None
    return closed_at + timedelta(days=page_days) if closed_at else None
