"""A referrer's wish to stop, as a record system posts it."""

from typing import Any

from outcome_collector.adapters import tables
from referral_contracts.systems import STATUS_REASON, TASK_CODE
from support.collector import Collector, status


def wish_to_stop(
    referral: str, reason: str = "no-longer-needed", note: str | None = None, **more: Any
) -> dict[str, Any]:
    """An abort Task about Task A of `referral`; `more` are elements of it."""
    unit = {"type": "Organization", "identifier": {"system": "https://ehr.example.org/unit", "value": "7"}}
    wish: dict[str, Any] = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": TASK_CODE, "code": "abort"}]},
        "focus": {"reference": f"Task/{referral}"},
        "for": {"reference": f"Patient/{referral}"},
        "authoredOn": "2026-03-02T11:00:00+02:00",
        "requester": unit,
        "owner": unit,
        "reasonCode": {"coding": [{"system": STATUS_REASON, "code": reason}]},
    }
    if note is not None:
        wish["note"] = [{"text": note}]
    return wish | more


async def started(collector: Collector, routed: Any) -> str:
    """The Task B of `routed`, in progress."""
    task = await collector.task_b(routed)
    for wanted in ("accepted", "in-progress"):
        await collector.patch(task, status(wanted))
    return task


async def wishes(collector: Collector) -> list[dict[str, Any]]:
    """The rows of all stop Tasks."""
    return [row for row in await collector.rows(tables.Task) if row["kind"] == "stop"]
