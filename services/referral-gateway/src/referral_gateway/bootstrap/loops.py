"""The loops of the gateway: it consumes outcomes, relays its outbox, and sweeps beside the relay."""

import asyncio
from collections.abc import Mapping

from referral_contracts import events
from referral_contracts.topics import DEAD_LETTERS, DELIVERIES, DIRECTORY, OUTCOMES, REFERRALS
from service_runtime.consumer import Consumer
from service_runtime.events import decoder
from service_runtime.inbox import Inbox
from service_runtime.parts import Parts
from service_runtime.relay import Relay, RelayLimits
from service_runtime.service import Role
from service_runtime.sweep import Sweep

from referral_gateway.adapters import tables
from referral_gateway.bootstrap.base import NAME, Base
from referral_gateway.entrypoints import consumer
from referral_gateway.settings import Settings
from referral_gateway.use_cases.record_outcomes import RecordOutcomes
from referral_gateway.use_cases.reroute_referral import RerouteReferral
from referral_gateway.use_cases.sweep_overdue import SweepOverdue

_GATHER_SECONDS = 0.2  # nobody waits for what the gateway is told; together it costs a fraction


def roles(settings: Settings, parts: Parts, base: Base) -> Mapping[str, Role]:
    """The roles beside `api`."""
    return {"consumer": _consumer(settings, parts, base), "relay": _relay(settings, parts, base)}


def record_outcomes(parts: Parts, base: Base) -> RecordOutcomes:
    """The use case behind the consumer."""
    reroute = RerouteReferral(
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


def sweep_overdue(parts: Parts, base: Base) -> SweepOverdue:
    """The use case behind the sweep."""
    return SweepOverdue(ledger=base.ledger, cases=base.cases, events=base.outbox, clock=parts.clock)


def _consumer(settings: Settings, parts: Parts, base: Base) -> Role:
    async def run(stop: asyncio.Event) -> None:
        await Consumer(
            name=NAME,
            group=consumer.GROUP,
            member=f"{NAME}-{settings.instance}",
            topics=[OUTCOMES, DELIVERIES],
            prefixes=[],
            event_log=parts.event_log,
            database=base.database,
            inbox=Inbox(tables.Inbox, parts.clock),
            outbox=base.outbox,
            dead_letter_topic=DEAD_LETTERS,
            decode=decoder(events.parse),
            handle=consumer.handler(record_outcomes(parts, base), base.counties.look),
            clock=parts.clock,
            gather_seconds=_GATHER_SECONDS,
            beat=lambda: parts.health.beat("gateway-consumer"),
        ).run(stop)

    return run


def _relay(settings: Settings, parts: Parts, base: Base) -> Role:
    relay = Relay(
        database=base.database,
        outbox_table=tables.Outbox,
        lease_table=tables.Lease,
        event_log=parts.event_log,
        wakeup=base.wakeup,
        clock=parts.clock,
        poll_seconds=settings.poll_seconds,
        limits=RelayLimits(lease_seconds=settings.lease_seconds),
        topics=[REFERRALS, DIRECTORY, OUTCOMES, DELIVERIES, DEAD_LETTERS],
        beat=lambda: parts.health.beat("gateway-relay"),
    )
    sweep = Sweep(
        database=base.database,
        lease_table=tables.Lease,
        name="sweep",
        every_seconds=settings.sweep_seconds,
        checks=[sweep_overdue(parts, base)],
        clock=parts.clock,
        beat=lambda: parts.health.beat("gateway-sweep", within=settings.sweep_seconds * 3 + 60),
    )

    async def run(stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(relay.run(stop))
            group.create_task(sweep.run(stop))

    return run
