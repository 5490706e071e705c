"""The collector's audit as it is asked for, on both databases."""

from datetime import timedelta

import pytest
from outcome_collector.adapters.audit_rows import AuditReader
from outcome_collector.ports import Access
from referral_contracts.fhir.audit_events import AuditFilter
from service_runtime.ids import new_id
from support.collector import PROVIDER, Collector, collector

__all__ = ["collector"]

REFERRAL, OTHER = new_id(), new_id()


@pytest.fixture
async def read(collector: Collector) -> AuditReader:
    """Three looks at one referral, a second apart, and one at another."""
    now = collector.clock.now()
    async with collector.database.write() as session:
        for number, referral in enumerate((REFERRAL, REFERRAL, REFERRAL, OTHER)):
            at = now + timedelta(seconds=number)
            access = Access(PROVIDER, "read", f"Task/{new_id()}", referral, at, 1)
            await collector.units.on(session).audit.record([access])
    return AuditReader(collector.database)


async def test_rows_are_found_by_referral_client_and_time_and_paged(
    collector: Collector, read: AuditReader
) -> None:
    of_referral = AuditFilter(entities=((f"Patient/{REFERRAL}",),), counted=True)
    whole = await read(of_referral)
    assert whole.total == 3
    assert {row.referral for row in whole.rows} == {REFERRAL}
    for descending in (False, True):
        expected = list(whole.rows)[:: -1 if descending else 1]
        found, after = [], {}
        for _ in range(3):
            [row] = (
                await read(of_referral.model_copy(update={"most": 1, "descending": descending, **after}))
            ).rows
            found.append(row)
            after = {"after_at": row.at, "after_id": row.id}
        assert found == expected
    since = collector.clock.now() + timedelta(seconds=2)
    assert [row.referral for row in (await read(AuditFilter(since=since))).rows] == [REFERRAL, OTHER]
    assert len((await read(AuditFilter(before=since))).rows) == 2
    assert (await read(AuditFilter(agents=(("nobody",),)))).rows == ()
    assert len((await read(AuditFilter(agents=((PROVIDER.client, "nobody"),)))).rows) == 4


async def test_what_can_be_no_id_finds_nothing(read: AuditReader) -> None:
    for nothing in (
        AuditFilter(entities=(("Patient/nonsense",),)),
        AuditFilter(entities=((),)),
        AuditFilter(ids=(("nonsense",),)),
    ):
        assert (await read(nothing)).rows == ()
