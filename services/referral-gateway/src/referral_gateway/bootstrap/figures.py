"""The gateway's figures for Prometheus, asked of the database at each scrape, and its readiness."""

from typing import Any

from service_runtime.database.statements import table_of
from service_runtime.metrics import Read
from service_runtime.outbox import outbox_age
from service_runtime.parts import Parts
from sqlalchemy import Select, func, select

from referral_gateway.adapters import tables
from referral_gateway.bootstrap.base import NAME, Base
from referral_gateway.domain.standing import State
from referral_gateway.use_cases.list_agreements import ListAgreements

_REFERRALS = table_of(tables.Referral)
_CASES = table_of(tables.Case)
_ROUTINGS = table_of(tables.Routing)
_WAITING = table_of(tables.Waiting)
_WATCHED: tuple[State, ...] = ("warning", "full", "expired")


def watch(parts: Parts, base: Base) -> None:
    """Add the figures that lag does not show: what is open, and how long the oldest has waited."""

    async def count(query: object) -> float:
        async with base.database.read() as session:
            return float((await session.execute(query)).scalar_one())  # pyright: ignore[reportArgumentType, reportCallIssue]

    async def open_referrals() -> float:
        return await count(
            select(func.count())
            .select_from(_REFERRALS)
            .where(_REFERRALS.c.closed_at.is_(None), _REFERRALS.c.test.is_(False))
        )

    async def open_cases() -> float:
        return await count(select(func.count()).select_from(_CASES).where(_CASES.c.closed_at.is_(None)))

    async def without_task() -> float:
        oldest = select(func.min(_ROUTINGS.c.routed_at)).where(
            _ROUTINGS.c.task.is_(None), _ROUTINGS.c.ended_at.is_(None)
        )
        return await _age(parts, base, oldest)

    async def waiting() -> float:
        return await count(select(func.count()).select_from(_WAITING).where(_WAITING.c.left_at.is_(None)))

    async def longest_wait() -> float:
        oldest = select(func.min(_WAITING.c.since)).where(_WAITING.c.left_at.is_(None))
        return await _age(parts, base, oldest)

    async def outbox() -> float:
        return await outbox_age(base.database, tables.Outbox, parts.clock)

    figures = parts.metrics
    figures.at_scrape("lahetti_open_referrals", "Referrals not closed, tests left out.", open_referrals)
    figures.at_scrape("lahetti_open_cases", "Cases that wait for a person.", open_cases)
    figures.at_scrape("lahetti_waiting_referrals", "Referrals that wait in line for a place.", waiting)
    figures.at_scrape(
        "lahetti_longest_wait_seconds", "Age of the oldest wait for a place in a line.", longest_wait
    )
    figures.at_scrape(
        "lahetti_oldest_routing_without_task_seconds",
        "Age of the oldest routing without a Task.",
        without_task,
    )
    figures.at_scrape(
        "lahetti_outbox_age_seconds", "Age of the oldest unpublished event.", outbox, service=NAME
    )
    for state in _WATCHED:
        figures.at_scrape(
            "lahetti_agreement_parties",
            "Parties of agreements whose number is nearly or wholly used up, or whose time is over.",
            _in_state(parts, base, state),
            state=state,
        )
    parts.health.add_check("gateway-database", base.database.ping)


async def _age(parts: Parts, base: Base, oldest: Select[Any]) -> float:
    """Seconds since the time that `oldest` finds; 0.0 where there is none."""
    async with base.database.read() as session:
        at = (await session.execute(oldest)).scalar_one()
    return max(0.0, (parts.clock.now() - at).total_seconds()) if at else 0.0


def _in_state(parts: Parts, base: Base, state: State) -> Read:
    """How many parties are in `state`: a count, so that nothing tells which provider's."""
    listed = ListAgreements(quotas=base.quotas, county=base.counties.current, clock=parts.clock)

    async def read() -> float:
        await base.counties.look()
        async with base.database.read() as session:
            return float(sum(one.state == state for one in await listed(session)))

    return read
