"""The composition root of the collector: the only place that constructs."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from fastapi import FastAPI
from referral_contracts import events, operation_outcome
from referral_contracts.topics import DEAD_LETTERS, DELIVERIES, DIRECTORY, OUTCOMES, REFERRALS
from service_runtime import http
from service_runtime.database import migrations
from service_runtime.database.engine import Database
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.completions import Hooks
from service_runtime.delivery.dispatcher import Channel, Dispatcher, Limits
from service_runtime.delivery.schedule import Policy
from service_runtime.events import decoder
from service_runtime.ground import Ground, SharedTables
from service_runtime.leases import Lease, LeaseHolder
from service_runtime.parts import Parts
from service_runtime.public_addresses import PublicResolver
from service_runtime.secret_box import AesGcmSecretBox
from service_runtime.service import Role, Service
from service_runtime.tokens import TokenSigner
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters import tables
from outcome_collector.adapters.audit_rows import AuditReader
from outcome_collector.adapters.ehr_sender import EhrSender
from outcome_collector.adapters.event_rows import WRITE_BACK
from outcome_collector.adapters.figures import watch
from outcome_collector.adapters.gateway_includes import GatewayIncludes
from outcome_collector.adapters.gateway_neighbour import GatewayNeighbour
from outcome_collector.adapters.gateway_recordings import GatewayRecordings
from outcome_collector.adapters.gateway_requests import GatewayRequests
from outcome_collector.adapters.notification_sender import NotificationSender
from outcome_collector.adapters.person_rows import PersonRows
from outcome_collector.adapters.pin_hasher import Argon2PinHasher
from outcome_collector.adapters.revocation_jobs import RevocationJobs
from outcome_collector.adapters.service_token import ServiceTokens
from outcome_collector.adapters.subscription_plans import SubscriptionPlans
from outcome_collector.adapters.subscription_rows import HANDSHAKE, NOTIFY, SubscriptionRows
from outcome_collector.adapters.trace_rows import TraceRows
from outcome_collector.adapters.unit import TableUnits
from outcome_collector.adapters.write_back_rows import WriteBackReports
from outcome_collector.entrypoints import (
    admin_routes,
    consumer,
    person_routes,
    revocations,
    subscription_routes,
    task_routes,
)
from outcome_collector.entrypoints.page import rendering
from outcome_collector.entrypoints.page.door import Door
from outcome_collector.entrypoints.page.routes import ProviderPage, page_router
from outcome_collector.entrypoints.page.showing import Showing
from outcome_collector.entrypoints.subscription_planning import plan_notifications
from outcome_collector.entrypoints.task_access import TaskApi
from outcome_collector.settings import Settings
from outcome_collector.use_cases.advance_task import Patience
from outcome_collector.use_cases.announce_overdue import announce_overdue

NAME = "outcome-collector"
SCHEMA = "collector"
_MIGRATIONS = Path(__file__).parent / "migrations"


async def migrate(settings: Settings) -> None:
    """Bring the collector's tables to the newest revision."""
    await migrations.migrate(settings.database_url, SCHEMA, _MIGRATIONS)


async def pending_migrations(settings: Settings) -> bool:
    """Whether `migrate` has something to do."""
    return await migrations.pending(settings.database_url, SCHEMA, _MIGRATIONS)


async def build(settings: Settings, parts: Parts) -> Service:
    """The collector, ready to run in one process or several. Nothing is read or sent before a role runs."""
    base = await _open_base(settings, parts)
    watch(parts, base.database)
    roles = {
        "consumer": _consumer(settings, parts, base),
        "dispatcher": _dispatcher(settings, parts, base),
        "relay": _relay(parts, base),
    }

    async def close() -> None:
        for session in (base.inside, base.outside, base.anywhere):
            await session.close()
        await base.ground.close()

    return Service(NAME, _app(settings, parts, base), roles, close)


@dataclass(frozen=True)
class _Base:
    """What several parts of the collector stand on. `inside` calls the gateway, `outside` the record
    systems, `anywhere` the addresses that they name for notifications: only there names are checked."""

    ground: Ground
    units: TableUnits
    patience: Patience
    signer: TokenSigner
    tokens: ServiceTokens
    inside: aiohttp.ClientSession
    outside: aiohttp.ClientSession
    anywhere: aiohttp.ClientSession
    box: AesGcmSecretBox
    recordings: GatewayRecordings

    @property
    def database(self) -> Database:
        return self.ground.database


async def _open_base(settings: Settings, parts: Parts) -> _Base:
    ground = await Ground.open(
        settings,
        parts,
        name=NAME,
        short_name=SCHEMA,
        tables=SharedTables(tables.Outbox, tables.Inbox, tables.Lease, tables.Bar),
        single_connections=settings.single_connections,
    )
    signer = TokenSigner(settings.key_file)
    tokens, inside = ServiceTokens(signer, parts.clock), http.session()
    return _Base(
        ground=ground,
        units=TableUnits(ground.database, ground.outbox, parts.clock),
        patience=Patience(settings.delivery_overdue_seconds, settings.write_back_overdue_seconds),
        signer=signer,
        tokens=tokens,
        inside=inside,
        outside=http.session(
            total_seconds=settings.http_total_seconds,
            connect_seconds=settings.http_connect_seconds,
            connections=settings.write_back_concurrency,
        ),
        anywhere=http.session(
            total_seconds=settings.http_total_seconds,
            connect_seconds=settings.http_connect_seconds,
            connections=settings.notification_concurrency,
            resolver=None if settings.private_subscription_addresses else PublicResolver(),
        ),
        box=AesGcmSecretBox(settings.secret_key_file),
        recordings=GatewayRecordings(inside, settings.gateway_url, tokens, parts.clock),
    )


def _app(settings: Settings, parts: Parts, base: _Base) -> FastAPI:
    hasher = Argon2PinHasher()
    public = settings.public_base_url
    includes = GatewayIncludes(base.inside, settings.gateway_url)
    tasks = TaskApi(base.units, parts.clock, base.patience, f"{public}/fhir", includes, base.recordings)
    admin = admin_routes.AdminApi(
        units=base.units,
        hasher=hasher,
        clock=parts.clock,
        trace=TraceRows(base.database, parts.clock),
        page_base=public,
        page_days=settings.page_days,
    )
    door = Door(base.units, hasher, parts.clock, secure=public.startswith("https:"))
    gateway = GatewayNeighbour(base.inside, settings.gateway_url, base.signer, parts.clock)
    page = ProviderPage(door, Showing(door, gateway), base.patience)
    routers = [task_routes.router(tasks), admin_routes.router(admin), page_router(page)]
    wishes = SubscriptionRows(base.database, base.box, parts.clock, settings.most_subscriptions)
    private = settings.private_subscription_addresses
    subscriptions = subscription_routes.SubscriptionApi(wishes, parts.clock, f"{public}/fhir", private)
    routers.append(subscription_routes.router(subscriptions))
    persons = PersonRows(base.database, parts.clock)
    person = person_routes.PersonApi(AuditReader(base.database), persons.export, persons.erase)
    routers.append(person_routes.router(person))
    return base.ground.app(routers, operation_outcome.render, rendering.PAGES)


def _consumer(settings: Settings, parts: Parts, base: _Base) -> Role:
    taken = consumer.Taken(base.units.on, parts.clock, settings.county, base.patience, settings.page_days)

    async def run(stop: asyncio.Event) -> None:
        await base.ground.consumer(
            topics=[REFERRALS, DELIVERIES, DIRECTORY],
            dead_letter_topic=DEAD_LETTERS,
            decode=decoder(events.parse),
            handle=consumer.handler(taken, base.ground.bars),
        ).run(stop)

    return run


def _dispatcher(settings: Settings, parts: Parts, base: _Base) -> Role:
    plans = SubscriptionPlans(base.database, parts.clock)

    async def run(stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            beat = base.ground.beat("subscriptions")
            planning = plan_notifications(plans, stop, poll_seconds=settings.poll_seconds, beat=beat)
            group.create_task(planning)
            group.create_task(_notifications(settings, parts, base, plans).run(stop))
            group.create_task(_write_backs(settings, parts, base).run(stop))
            group.create_task(_revocations(settings, parts, base).run(stop))

    return run


def _write_backs(settings: Settings, parts: Parts, base: _Base) -> Dispatcher:
    policy = Policy(
        delays=settings.write_back_delays,
        fault_seconds=settings.fault_seconds,
        stalled_after=settings.stalled_after_seconds,
        # A refusal is a person's business at once; a key that is just being changed deserves two more tries.
        limits=((AttemptClass.CLIENT, 1), (AttemptClass.AUTH, 3)),
    ).without_floor()
    reports = WriteBackReports(base.ground.outbox)
    sender = EhrSender(base.database, base.outside, base.tokens, parts.clock, base.recordings)
    return Dispatcher(
        database=base.database,
        deliveries=tables.WriteBack,
        attempts=tables.WriteBackAttempt,
        wakeup=base.ground.wakeup,
        channels={WRITE_BACK: Channel(sender, policy)},
        clock=parts.clock,
        hooks=Hooks(reports.succeeded, reports.exhausted, reports.stalled),
        limits=Limits(
            total=settings.write_back_concurrency,
            per_endpoint=settings.write_back_concurrency_per_client,
            lease_seconds=settings.write_back_lease_seconds,
            poll_seconds=settings.poll_seconds,
        ),
        log_event="write_back.attempted",
        beat=base.ground.beat("dispatcher"),
    )


def _notifications(settings: Settings, parts: Parts, base: _Base, plans: SubscriptionPlans) -> Dispatcher:
    sender = NotificationSender(
        base.database,
        base.anywhere,
        base.box,
        parts.clock,
        base=f"{settings.public_base_url}/fhir",
        private_addresses=settings.private_subscription_addresses,
    )
    policy = Policy(
        delays=settings.notification_delays,
        floor_seconds=settings.notification_floor_seconds,
        fault_seconds=settings.fault_seconds,
        stalled_after=settings.stalled_after_seconds,
    )
    return Dispatcher(
        database=base.database,
        deliveries=tables.Notification,
        attempts=tables.NotificationAttempt,
        wakeup=base.ground.wakeup,
        channels={HANDSHAKE: Channel(sender, policy), NOTIFY: Channel(sender, policy)},
        clock=parts.clock,
        hooks=Hooks(plans.succeeded, plans.exhausted),
        limits=Limits(
            total=settings.notification_concurrency,
            per_endpoint=settings.notification_concurrency_per_subscription,
            lease_seconds=settings.write_back_lease_seconds,
            poll_seconds=settings.poll_seconds,
        ),
        log_event="notification.attempted",
        beat=base.ground.beat("notifications"),
    )


def _revocations(settings: Settings, parts: Parts, base: _Base) -> revocations.RevocationLoop:
    lease = Lease(tables.Lease, revocations.CHANNEL, settings.lease_seconds)
    return revocations.RevocationLoop(
        jobs=RevocationJobs(
            base.database, base.ground.outbox, parts.clock, settings.revocation_retry_seconds
        ),
        requests=GatewayRequests(base.inside, settings.gateway_url, base.tokens),
        units=base.units,
        holder=LeaseHolder(base.database, lease, parts.clock),
        waiter=base.ground.wakeup.waiter(revocations.CHANNEL),
        clock=parts.clock,
        patience=base.patience,
        poll_seconds=settings.poll_seconds,
        beat=base.ground.beat("revocations"),
    )


def _relay(parts: Parts, base: _Base) -> Role:
    async def overdue(session: AsyncConnection) -> int:
        return await announce_overdue(base.units.on(session), parts.clock.now(), base.patience)

    return base.ground.relaying([OUTCOMES, DEAD_LETTERS], [overdue])
