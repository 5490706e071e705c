"""A person's rows at the collector, on both databases: copied, and erased once the referral is closed."""

from typing import Any

import orjson
import pytest
from outcome_collector.adapters import tables
from outcome_collector.adapters.person_rows import PersonRows
from outcome_collector.ports import Author
from referral_contracts.errors import LahettiError
from referral_contracts.events import ReferralClosed
from support.collector import Collector, collector

__all__ = ["collector"]

OFFICER = Author("officer", "staff")
WORDS = "Salamerkkinen soitti"
OF_PERSONS = (tables.Task, tables.Resource, tables.WriteBack, tables.WriteBackAttempt, tables.PageLink)


def accepted() -> list[dict[str, Any]]:
    return [
        {"op": "replace", "path": "/status", "value": "accepted"},
        {"op": "add", "path": "/note", "value": [{"text": WORDS}]},
    ]


async def test_a_closed_referral_is_copied_and_erased_and_no_other(collector: Collector) -> None:
    routed, other = await collector.route(), await collector.route()
    task = await collector.task_b(routed)
    await collector.patch(task, *accepted())
    persons = PersonRows(collector.database, collector.clock)
    copy = await persons.export(OFFICER, [routed.referral])
    assert {entry["resource"]["resourceType"] for entry in copy["entry"]} == {"Task"}
    assert WORDS in orjson.dumps(copy).decode()
    with pytest.raises(LahettiError, match="person-referral-open"):
        await persons.erase(OFFICER, [routed.referral])
    assert await collector.versions(task) == [1, 2]
    await collector.consume(ReferralClosed(referral=routed.referral))
    told = await persons.erase(OFFICER, [routed.referral])
    assert (told["tasks"], told["documents"] >= 3, told["write-backs"] >= 1) == (2, True, True)
    left = [str(row) for table in OF_PERSONS for row in await collector.rows(table)]
    assert not any(routed.referral in row or WORDS in row for row in left)
    assert any(other.referral in row for row in left)
    audit = [(row["action"], row["referral"]) for row in await collector.rows(tables.Audit)]
    assert ("erase", routed.referral) in audit
    assert set((await persons.erase(OFFICER, [routed.referral])).values()) == {0}
