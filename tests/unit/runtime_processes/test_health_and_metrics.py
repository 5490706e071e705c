"""What probes and Prometheus are told."""

import asyncio

from service_runtime.health import HEART, Health
from service_runtime.metrics import Metrics
from support.clocks import StandingClock


async def works() -> None:
    """A check of something that can be reached."""


async def fails() -> None:
    """A check of something that cannot."""
    raise ConnectionRefusedError("postgresql://user:hidden@host")


def test_a_loop_is_alive_while_it_beats_in_time() -> None:
    clock = StandingClock()
    health = Health(clock.monotonic)
    health.beat("relay", within=10)
    clock.move(10)
    assert health.alive().status == "ok"
    clock.move(0.1)
    assert (health.alive().http_status, health.alive().parts) == (503, {"relay": "stale"})
    health.beat("relay", within=10)
    assert health.alive().http_status == 200


def test_a_loop_that_ended_on_purpose_owes_nothing() -> None:
    clock = StandingClock()
    health = Health(clock.monotonic)
    health.beat("relay", within=10)
    health.ended("relay")
    clock.move(100)
    assert (health.alive().status, health.alive().parts) == ("ok", {})


async def test_the_event_loop_beats_for_itself() -> None:
    health = Health()
    heart = asyncio.create_task(health.keep_beating())
    await asyncio.sleep(0)
    assert health.alive().parts == {HEART: "ok"}
    heart.cancel()


async def test_ready_means_that_what_is_required_can_be_reached() -> None:
    health = Health()
    health.add_check("database", works)
    health.add_check("redis", fails, required=False)
    report = await health.ready()
    assert (report.status, report.http_status) == ("degraded", 200)
    health.add_check("event-log", fails)
    report = await health.ready()
    assert (report.status, report.http_status) == ("failing", 503)
    assert report.parts == {"database": "ok", "redis": "failing", "event-log": "failing"}


async def test_a_check_that_says_nothing_is_answered_for_within_five_seconds() -> None:
    async def hangs() -> None:
        await asyncio.Event().wait()

    health = Health()
    health.add_check("database", hangs)
    health.add_check("event-log", hangs)
    async with asyncio.timeout(5):
        report = await health.ready()
    assert (report.http_status, report.parts["database"]) == (503, "no answer")


async def test_a_stopping_process_is_not_ready_and_still_alive() -> None:
    health = Health()
    health.add_check("database", works)
    health.drain()
    assert (await health.ready()).http_status == 503
    assert health.alive().http_status == 200


async def test_a_gauge_is_read_at_each_scrape() -> None:
    metrics, due = Metrics(), [3.0]

    async def read() -> float:
        return due[0]

    metrics.at_scrape("lahetti_due_rows", "Rows that are due.", read, service="collector", kind="deliveries")
    metrics.at_scrape("lahetti_due_rows", "Rows that are due.", read, service="gateway", kind="outbox")
    assert b'lahetti_due_rows{kind="deliveries",service="collector"} 3.0' in await metrics.render()
    due[0] = 4.0
    assert b'lahetti_due_rows{kind="outbox",service="gateway"} 4.0' in await metrics.render()


async def test_a_gauge_that_cannot_be_read_hides_no_other() -> None:
    async def broken() -> float:
        raise ConnectionRefusedError

    async def read() -> float:
        return 1.0

    metrics = Metrics()
    metrics.at_scrape("lahetti_outbox_age_seconds", "Age.", broken)
    metrics.at_scrape("lahetti_loop_seconds", "Loop.", read, loop="relay")
    text = await metrics.render()
    assert b"lahetti_outbox_age_seconds NaN" in text
    assert b'lahetti_loop_seconds{loop="relay"} 1.0' in text
    assert b"process_resident_memory_bytes" in text


def test_asking_twice_for_a_metric_gives_the_same_one() -> None:
    metrics = Metrics()
    for make in (metrics.counter, metrics.gauge, metrics.histogram):
        assert make(f"x_{make.__name__}", "X.") is make(f"x_{make.__name__}", "X.")
