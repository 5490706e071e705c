"""The composition root of the notifier: the only place that constructs."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from referral_contracts import events, operation_outcome
from referral_contracts.topics import DEAD_LETTERS, DELIVERIES, DIRECTORY, TASKS_PREFIX
from service_runtime import http
from service_runtime.database import migrations
from service_runtime.database.engine import Database
from service_runtime.delivery.backlog import backlog_gauges
from service_runtime.delivery.completions import Hooks
from service_runtime.delivery.dispatcher import Channel, Dispatcher, Limits
from service_runtime.delivery.pace import PaceLimits, Paces, slowed_endpoints
from service_runtime.delivery.schedule import Policy
from service_runtime.delivery.sender import Sender
from service_runtime.events import decoder
from service_runtime.ground import Ground, SharedTables
from service_runtime.outbox import outbox_age
from service_runtime.parts import Parts
from service_runtime.secret_box import AesGcmSecretBox
from service_runtime.service import Role, Service
from service_runtime.tokens import TokenSigner

from provider_notifier.adapters import tables
from provider_notifier.adapters.collector_links import CollectorLinks
from provider_notifier.adapters.delivery_rows import DeliveryRows, StopTable
from provider_notifier.adapters.email_sender import EmailSender, MailServer
from provider_notifier.adapters.endpoint_book import EndpointTable, UpToDate
from provider_notifier.adapters.gateway_directory import GatewayDirectory
from provider_notifier.adapters.permitted_sender import PermittedSender
from provider_notifier.adapters.person_rows import PersonRows
from provider_notifier.adapters.sealed_secrets import SealedSecrets
from provider_notifier.adapters.service_token import ServiceToken
from provider_notifier.adapters.webhook_sender import WebhookSender
from provider_notifier.entrypoints import consumer, routes
from provider_notifier.settings import Settings
from provider_notifier.use_cases.answer_about_deliveries import AnswerAboutDeliveries
from provider_notifier.use_cases.follow_directory import FollowDirectory, NoteEndpointChange
from provider_notifier.use_cases.give_secret import GiveSecret
from provider_notifier.use_cases.plan_deliveries import PlanDeliveries
from provider_notifier.use_cases.report_deliveries import ReportDeliveries
from provider_notifier.use_cases.trace_referral import TraceReferral

NAME = "provider-notifier"
SCHEMA = "notifier"
_MIGRATIONS = Path(__file__).parent / "migrations"


async def migrate(settings: Settings) -> None:
    """Bring the notifier's tables to the newest revision."""
    await migrations.migrate(settings.database_url, SCHEMA, _MIGRATIONS)


async def pending_migrations(settings: Settings) -> bool:
    """Whether `migrate` has something to do."""
    return await migrations.pending(settings.database_url, SCHEMA, _MIGRATIONS)


async def build(settings: Settings, parts: Parts) -> Service:
    """The notifier, ready to run in one process or several. Nothing is sent before a role runs."""
    base = await _open_base(settings, parts)
    report = ReportDeliveries(base.ground.outbox)
    senders = _Senders(settings, parts, base)
    wakeup = base.ground.wakeup
    follow = FollowDirectory(base.database, base.book, senders.directory, wakeup, settings.poll_seconds)
    secrets = SealedSecrets(base.box, settings.secret_overlap_seconds)
    routers = [
        routes.router(
            GiveSecret(base.database, base.book, secrets, follow, parts.clock),
            TraceReferral(base.database, base.rows),
            PersonRows(base.database).erase,
        )
    ]
    app = base.ground.app(routers, operation_outcome.render)
    _watch(parts, base)
    roles = {
        "consumer": _consumer(parts, base, report),
        "dispatcher": _dispatcher(settings, parts, base, report, senders, follow),
        "relay": base.ground.relaying([DELIVERIES, DEAD_LETTERS]),
    }

    async def close() -> None:
        await senders.close()
        await base.ground.close()

    return Service(NAME, app, roles, close)


@dataclass(frozen=True)
class _Base:
    """What several parts of the notifier stand on."""

    ground: Ground
    book: EndpointTable
    rows: DeliveryRows
    box: AesGcmSecretBox

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
    )
    return _Base(ground, EndpointTable(), DeliveryRows(), AesGcmSecretBox(settings.secret_key_file))


class _Senders:
    """The ways out, with their HTTP sessions: one to the inside, one to providers. The latter's resolver is
    the place where addresses are to be checked and pinned."""

    def __init__(self, settings: Settings, parts: Parts, base: _Base) -> None:
        token = ServiceToken(TokenSigner(settings.key_file), parts.clock)
        self._inside = http.session()
        self._outside = http.session(
            total_seconds=settings.http_total_seconds,
            connect_seconds=settings.http_connect_seconds,
            connections=settings.concurrency,
        )
        self.directory = GatewayDirectory(self._inside, settings.gateway_url, token)
        self.gate = UpToDate()
        links = CollectorLinks(self._inside, settings.collector_url, token)
        webhook = WebhookSender(
            self._outside, self.gate.known, base.box, settings.public_base_url, parts.clock
        )
        email = EmailSender(_mail_server(settings), settings.mail_from, self.gate.known, links, parts.clock)

        def permitted(sender: Sender) -> PermittedSender:
            return PermittedSender(sender, StopTable(base.database), parts.clock)

        self.channels = {
            "webhook": Channel(permitted(webhook), _policy(settings, settings.webhook_delays)),
            "email": Channel(permitted(email), _policy(settings, settings.email_delays)),
        }

    async def close(self) -> None:
        """Close the sessions."""
        sessions: tuple[aiohttp.ClientSession, ...] = (self._inside, self._outside)
        for session in sessions:
            await session.close()


def _mail_server(settings: Settings) -> MailServer:
    file = settings.smtp_password_file
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=file.read_text().strip() if file is not None else None,
        seconds=settings.smtp_seconds,
        authorities=settings.smtp_authorities_file,
    )


def _policy(settings: Settings, delays: tuple[float, ...]) -> Policy:
    return Policy(
        delays=delays,
        floor_seconds=settings.floor_seconds,
        fault_seconds=settings.fault_seconds,
        stalled_after=settings.stalled_after_seconds,
    )


def _consumer(parts: Parts, base: _Base, report: ReportDeliveries) -> Role:
    plan = PlanDeliveries(base.book, base.rows, report, parts.clock)
    answer = AnswerAboutDeliveries(base.rows, report, parts.clock)

    async def run(stop: asyncio.Event) -> None:
        await base.ground.consumer(
            topics=[DIRECTORY],
            prefixes=[TASKS_PREFIX],
            dead_letter_topic=DEAD_LETTERS,
            decode=decoder(events.parse),
            handle=consumer.handler(plan, answer, NoteEndpointChange(base.book), base.ground.bars),
        ).run(stop)

    return run


def _dispatcher(
    settings: Settings,
    parts: Parts,
    base: _Base,
    report: ReportDeliveries,
    senders: _Senders,
    follow: FollowDirectory,
) -> Role:
    limits = Limits(
        total=settings.concurrency,
        per_endpoint=settings.concurrency_per_endpoint,
        lease_seconds=settings.delivery_lease_seconds,
        poll_seconds=settings.poll_seconds,
    )
    paces = Paces(tables.paces, PaceLimits(settings.full_rate_per_second, ease_seconds=settings.ease_seconds))

    async def run(stop: asyncio.Event) -> None:
        dispatcher = Dispatcher(
            database=base.database,
            deliveries=tables.Delivery,
            attempts=tables.Attempt,
            wakeup=base.ground.wakeup,
            channels=senders.channels,
            clock=parts.clock,
            hooks=Hooks(report.succeeded, report.exhausted, report.stalled, report.stopped),
            gate=senders.gate,
            paces=paces,
            limits=limits,
            beat=base.ground.beat("dispatcher"),
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(dispatcher.run(stop))
            group.create_task(follow.run(stop, base.ground.beat("directory")))

    return run


def _watch(parts: Parts, base: _Base) -> None:
    due, oldest = backlog_gauges(base.database, tables.deliveries, parts.clock)

    async def slowed() -> float:
        async with base.database.read() as session:
            return len(await slowed_endpoints(session, tables.paces))

    async def outbox() -> float:
        return await outbox_age(base.database, tables.Outbox, parts.clock)

    parts.health.add_check("notifier-database", base.database.ping)
    scrape = parts.metrics.at_scrape
    scrape("lahetti_due_rows", "Rows due and not done.", due, service="notifier", kind="deliveries")
    scrape(
        "lahetti_oldest_due_seconds",
        "Age of the oldest due row.",
        oldest,
        service="notifier",
        kind="deliveries",
    )
    scrape("lahetti_slowed_endpoints", "Endpoints whose 429 lowered their rate.", slowed, service="notifier")
    scrape("lahetti_outbox_age_seconds", "Age of the oldest unpublished event.", outbox, service="notifier")
