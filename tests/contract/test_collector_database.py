"""The collector's migrations, its sweep, and who may open a page, on both databases."""

import asyncio
from pathlib import Path

import pytest
from outcome_collector import migrations as revisions
from outcome_collector.adapters import tables
from outcome_collector.domain.page_access import SESSION
from outcome_collector.ports import PinHasher
from outcome_collector.use_cases.announce_overdue import announce_overdue
from outcome_collector.use_cases.make_link import make_link
from outcome_collector.use_cases.open_session import Opened, find_link, find_session, open_session
from outcome_collector.use_cases.report_on_page import PageReport, report_on_page
from outcome_collector.use_cases.set_pin import set_pin
from referral_contracts.errors import LahettiError
from referral_contracts.events import ReferralClosed, TaskRequested, TaskStatusChanged, TaskStranded
from service_runtime.database import migrations
from service_runtime.database.engine import Database
from service_runtime.database.statements import table_of
from sqlalchemy import update
from support.collector import PROVIDER, Collector, collector, reason, reason_of, status

__all__ = ["collector"]

MIGRATIONS = Path(str(revisions.__file__)).parent


async def test_the_migrations_make_what_the_code_declares(database_url: str, schema: str) -> None:
    assert await migrations.pending(database_url, schema, MIGRATIONS)
    await migrations.migrate(database_url, schema, MIGRATIONS)
    assert not await migrations.pending(database_url, schema, MIGRATIONS)
    await migrations.check(database_url, schema, MIGRATIONS)


async def test_a_task_without_a_delivery_is_announced_again_and_then_becomes_a_case(
    collector: Collector,
) -> None:
    routed = await collector.route()
    await _publish_all(collector.database)
    for expected in (1, 2, 3):
        collector.clock.move(299)
        assert await _sweep(collector) == 0 or expected > 1
        collector.clock.move(3600)
        assert await _sweep(collector) == 1
        assert await _again(collector) == {"task.requested": expected}
        await _publish_all(collector.database)
    collector.clock.move(86_400)
    await _sweep(collector)
    stranded = [event.body for event in await collector.events() if isinstance(event.body, TaskStranded)]
    assert [(one.task, one.missing) for one in stranded] == [(await collector.task_b(routed), "delivery")]
    collector.clock.move(86_400)
    assert await _sweep(collector) == 0


async def test_an_answered_task_is_not_announced_again(collector: Collector) -> None:
    routed = await collector.route()
    await collector.patch(await collector.task_b(routed), status("accepted"))
    collector.clock.move(86_400)
    assert await _sweep(collector) == 0


async def test_an_end_that_nobody_routes_on_is_announced_again(collector: Collector) -> None:
    routed = await collector.route()
    await collector.patch(await collector.task_b(routed), status("rejected"), reason("no-capacity"))
    await _publish_all(collector.database)
    collector.clock.move(301)
    assert await _sweep(collector) == 1
    assert await _again(collector) == {"task.status-changed": 1}
    await collector.route(referral=routed.referral, provider="hamina-liikunta")
    collector.clock.move(299)
    assert await _sweep(collector) == 0


class FastHasher:
    """Port `PinHasher`, for tests that do not look at hashing."""

    async def hashed(self, pin: str) -> str:
        return f"hashed {pin}"

    async def matches(self, stored: str, pin: str) -> bool:
        return stored == f"hashed {pin}"


HASHER: PinHasher = FastHasher()


async def test_a_link_opens_with_the_organisation_s_pin_for_half_an_hour(collector: Collector) -> None:
    link = await _linked(collector)
    opened = await _open(collector, link, "246813")
    async with collector.units.write() as unit:
        found = await find_link(unit, link, collector.clock.now())
        session = await find_session(unit, opened.token, found, collector.clock.now())
        assert session == opened.session
        with pytest.raises(LahettiError) as refused:
            await find_session(unit, opened.token, found, collector.clock.now() + SESSION)
    assert refused.value.issues[0].slug == "session-over"


async def test_nothing_that_opens_a_page_is_stored(collector: Collector) -> None:
    link = await _linked(collector)
    opened = await _open(collector, link, "246813")
    for table in (tables.PageLink, tables.PageSession):
        for row in await collector.rows(table):
            assert link not in str(row)
            assert opened.token not in str(row)


async def test_a_session_opens_only_the_task_of_its_own_link(collector: Collector) -> None:
    opened = await _open(collector, await _linked(collector), "246813")
    other = await _linked(collector)
    async with collector.units.write() as unit:
        found = await find_link(unit, other, collector.clock.now())
        with pytest.raises(LahettiError) as refused:
            await find_session(unit, opened.token, found, collector.clock.now())
    assert refused.value.issues[0].slug == "session-over"


async def test_five_wrong_pins_in_a_row_lock_for_a_quarter_of_an_hour(collector: Collector) -> None:
    link = await _linked(collector)
    assert [await _refused(collector, link, "000000") for _ in range(5)] == [*["pin-wrong"] * 4, "pin-locked"]
    assert await _refused(collector, link, "246813") == "pin-locked"
    collector.clock.move(15 * 60 + 1)
    assert await _open(collector, link, "246813")


async def test_a_right_pin_starts_the_count_again(collector: Collector) -> None:
    link = await _linked(collector)
    for _ in range(2):
        assert [await _refused(collector, link, "000000") for _ in range(4)] == ["pin-wrong"] * 4
        await _open(collector, link, "246813")


async def test_guesses_at_the_same_moment_are_all_counted(collector: Collector) -> None:
    link = await _linked(collector)
    answers = await asyncio.gather(*(_refused(collector, link, f"00000{n}") for n in range(8)))
    assert sorted(answers) == [*["pin-locked"] * 4, *["pin-wrong"] * 4]


async def test_an_organisation_without_a_pin_is_told_so(collector: Collector) -> None:
    assert await _refused(collector, await _linked(collector, pin=None), "246813") == "pin-missing"


async def test_a_new_pin_ends_the_sessions_of_the_old_one(collector: Collector) -> None:
    link = await _linked(collector)
    opened = await _open(collector, link, "246813")
    await set_pin(collector.units, HASHER, PROVIDER.client, "135792")
    async with collector.units.write() as unit:
        found = await find_link(unit, link, collector.clock.now())
        with pytest.raises(LahettiError):
            await find_session(unit, opened.token, found, collector.clock.now())
    assert await _refused(collector, link, "246813") == "pin-wrong"


async def test_a_link_of_a_closed_referral_works_for_its_days(collector: Collector) -> None:
    link = await _linked(collector)
    (row,) = await collector.rows(tables.PageLink)
    await collector.consume(ReferralClosed(referral=row["referral"]))
    async with collector.units.write() as unit:
        late = await make_link(unit, row["task"], at=collector.clock.now(), page_days=14)
    collector.clock.move(14 * 86_400 - 1)
    await _open(collector, link, "246813")
    collector.clock.move(1)
    assert [await _refused(collector, one, "246813") for one in (link, late)] == ["link-closed"] * 2


async def test_what_a_person_reports_on_the_page_is_an_outcome_like_any_other(collector: Collector) -> None:
    opened = await _open(collector, await _linked(collector), "246813")
    task = opened.session.task
    await _report(collector, opened, PageReport(1, progress="contact-attempted"))
    assert len(await collector.rows(tables.ContactAttempt)) == 1
    with pytest.raises(LahettiError) as refused:
        await _report(collector, opened, PageReport(1, status="accepted"))
    assert refused.value.issues[0].slug == "version-conflict"
    await _report(collector, opened, PageReport(2, status="rejected", reason="client-not-reached"))
    document = await collector.document(task)
    assert (document["status"], reason_of(document)) == ("rejected", "client-not-reached")
    assert document["statusReason"]["extension"][0]["valueInteger"] == 1
    audit = await collector.rows(tables.Audit)
    assert {(row["client"], row["session"]) for row in audit} == {(PROVIDER.client, opened.session.id)}


async def _report(collector: Collector, opened: Opened, report: PageReport) -> None:
    async with collector.units.write() as unit:
        await report_on_page(
            unit, opened.session, report, now=collector.clock.now, patience=collector.patience
        )


async def _linked(collector: Collector, pin: str | None = "246813") -> str:
    routed = await collector.route()
    if pin:
        await set_pin(collector.units, HASHER, PROVIDER.client, pin)
    async with collector.units.write() as unit:
        task = await collector.task_b(routed)
        return await make_link(unit, task, at=collector.clock.now(), page_days=14)


async def _open(collector: Collector, link: str, pin: str) -> Opened:
    return await open_session(collector.units, HASHER, link, pin, collector.clock.now())


async def _refused(collector: Collector, link: str, pin: str) -> str:
    with pytest.raises(LahettiError) as refused:
        await _open(collector, link, pin)
    return refused.value.issues[0].slug


async def _sweep(collector: Collector) -> int:
    async with collector.units.write() as unit:
        return await announce_overdue(unit, collector.clock.now(), collector.patience)


async def _publish_all(database: Database) -> None:
    outbox = table_of(tables.Outbox)
    async with database.write() as session:
        await session.execute(update(outbox).values(published_at=outbox.c.created_at))


async def _again(collector: Collector) -> dict[str, int]:
    """The types of the events that wait to be published again, with how often that was so."""
    kinds = {TaskRequested: "task.requested", TaskStatusChanged: "task.status-changed"}
    waiting = {row["id"]: row["republished"] for row in await collector.rows(tables.Outbox)
               if row["published_at"] is None and row["republished"]}  # fmt: skip
    return {
        kinds[type(event.body)]: waiting[event.id]
        for event in await collector.events()
        if event.id in waiting
    }
