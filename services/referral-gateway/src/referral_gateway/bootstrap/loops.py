"""The loops of the gateway: it consumes outcomes, relays its outbox, and sweeps beside the relay."""

import asyncio
from collections.abc import Mapping

from referral_contracts import events
from referral_contracts.topics import DEAD_LETTERS, DELIVERIES, DIRECTORY, OUTCOMES, REFERRALS
from service_runtime.events import decoder
from service_runtime.parts import Parts
from service_runtime.service import Role
from service_runtime.sweep import Check

from referral_gateway.bootstrap.base import Base
from referral_gateway.entrypoints import consumer
from referral_gateway.ports import Session
from referral_gateway.use_cases.give_places import GivePlaces
from referral_gateway.use_cases.needs_now import NeedsNow
from referral_gateway.use_cases.record_outcomes import RecordOutcomes
from referral_gateway.use_cases.reroute_referral import RerouteReferral
from referral_gateway.use_cases.sweep_overdue import SweepOverdue

_GATHER_SECONDS = 0.2  # nobody waits for what the gateway is told; together it costs a fraction


def roles(parts: Parts, base: Base) -> Mapping[str, Role]:
    """The roles beside `api`."""
    topics = [REFERRALS, DIRECTORY, OUTCOMES, DELIVERIES, DEAD_LETTERS]
    often = [_with_county(base, give_places(parts, base))]
    return {
        "consumer": _consumer(parts, base),
        "relay": base.ground.relaying(topics, [sweep_overdue(parts, base)], often),
    }


def record_outcomes(parts: Parts, base: Base) -> RecordOutcomes:
    """The use case behind the consumer."""
    reroute = RerouteReferral(
        needs=_needs(parts, base),
        vault=base.vault,
        ledger=base.ledger,
        quotas=base.quotas,
        county=base.counties.current,
        clock=parts.clock,
    )
    return RecordOutcomes(
        ledger=base.ledger,
        quotas=base.quotas,
        cases=base.cases,
        events=base.outbox,
        reroute=reroute,
        clock=parts.clock,
    )


def give_places(parts: Parts, base: Base) -> GivePlaces:
    """The use case that looks after those who wait."""
    return GivePlaces(
        lines=base.lines,
        needs=_needs(parts, base),
        ledger=base.ledger,
        vault=base.vault,
        quotas=base.quotas,
        cases=base.cases,
        events=base.outbox,
        county=base.counties.current,
        clock=parts.clock,
    )


def _needs(parts: Parts, base: Base) -> NeedsNow:
    return NeedsNow(vault=base.vault, county=base.counties.current, clock=parts.clock)


def _with_county(base: Base, check: GivePlaces) -> Check:
    """With the county as it is in force now: this process may have loaded none itself."""

    async def look_and_check(session: Session) -> int:
        await base.counties.look()
        return await check(session)

    return look_and_check


def sweep_overdue(parts: Parts, base: Base) -> SweepOverdue:
    """The use case behind the sweep."""
    return SweepOverdue(ledger=base.ledger, cases=base.cases, events=base.outbox, clock=parts.clock)


def _consumer(parts: Parts, base: Base) -> Role:
    async def run(stop: asyncio.Event) -> None:
        await base.ground.consumer(
            topics=[OUTCOMES, DELIVERIES],
            dead_letter_topic=DEAD_LETTERS,
            decode=decoder(events.parse),
            handle=consumer.handler(record_outcomes(parts, base), base.counties.look),
            gather_seconds=_GATHER_SECONDS,
        ).run(stop)

    return run
