"""The routes of the gateway, each with the one use case that it calls."""

from collections.abc import Sequence

import orjson
from fastapi import APIRouter
from referral_contracts.errors import LahettiError
from referral_contracts.topics import SHARED, tasks_topic
from service_runtime.parts import Parts
from service_runtime.redis_port import RateLimits
from service_runtime.tokens import TokenSigner, TokenVerifier
from service_runtime.tokens.seen import SeenOnce

from referral_gateway.adapters.acceptance import TableAcceptances
from referral_gateway.adapters.audit_reading import BothAudits
from referral_gateway.adapters.client_keys import CountyClientKeys, TokenAttempts, UsedAssertions
from referral_gateway.adapters.collector_entries import CollectorEntries
from referral_gateway.adapters.collector_includes import CollectorIncludes
from referral_gateway.adapters.county_clients import read_client
from referral_gateway.adapters.county_history import CountyHistory
from referral_gateway.adapters.county_reading import read_county
from referral_gateway.adapters.finder import TableFinder
from referral_gateway.adapters.idempotency_keys import IdempotencyKeys
from referral_gateway.adapters.person_rows import PersonRows
from referral_gateway.adapters.trace import Trace
from referral_gateway.bootstrap.base import Base
from referral_gateway.domain.capability import capability_statement
from referral_gateway.entrypoints import (
    agreement_history,
    agreements,
    audit_events,
    clients,
    conditional_update,
    county,
    creating,
    directory,
    documents,
    oversight,
    persons,
    published,
    recordings,
    route,
    searching,
    submit,
    terminology,
    token,
    validating,
)
from referral_gateway.entrypoints.batch import Batches
from referral_gateway.entrypoints.conditions import Existing
from referral_gateway.settings import Settings
from referral_gateway.use_cases.accept_referral import AcceptReferral
from referral_gateway.use_cases.hold_referral import EndHeld, HoldReferral
from referral_gateway.use_cases.issue_token import IssueToken
from referral_gateway.use_cases.list_agreements import ListAgreements
from referral_gateway.use_cases.load_county import LoadCounty
from referral_gateway.use_cases.manage_clients import ManageClients
from referral_gateway.use_cases.preview_routing import PreviewRouting
from referral_gateway.use_cases.prove_client import ProveClient
from referral_gateway.use_cases.read_resource import ReadResource
from referral_gateway.use_cases.revoke_referral import RevokeReferral
from referral_gateway.use_cases.revoke_token import RevokeToken
from referral_gateway.use_cases.search_documents import SearchDocuments
from referral_gateway.use_cases.serve_person import ServePerson
from referral_gateway.use_cases.update_document import DocumentUpdate
from referral_gateway.use_cases.wait_for_place import WaitForPlace
from referral_gateway.use_cases.withdraw_consent import WithdrawConsent

GROUPS = ("outcome-collector", "provider-notifier", "referral-gateway")
"""The consumer groups of the installation, whose lag is shown together."""


def routers(settings: Settings, parts: Parts, base: Base) -> Sequence[APIRouter]:
    """All routers. Search comes before read, and what is fixed before what is a pattern."""
    public = settings.public_base_url
    return [
        _submitting(settings, parts, base),
        directory.router(base.vault, base.database, public),
        creating.router(_creating(settings, parts, base)),
        validating.router(),
        _searching(settings, parts, base),
        terminology.router(base.counties.current, base.counties.look),
        documents.read_router(_reading(parts, base), base.database, base.counties.look, public),
        recordings.router(base.ledger, base.database, base.counties.current, base.counties.look),
        _previewing(parts, base),
        *_updating(settings, parts, base),
        _loading(parts, base),
        _listing(parts, base),
        _overseeing(settings, parts, base),
        agreement_history.router(CountyHistory(), base.database),
        _auditing(settings, parts, base),
        _serving_persons(parts, base),
        _managing_clients(settings, parts, base),
        _issuing(settings, parts, base),
        published.router(orjson.dumps(capability_statement(public)), settings.jwks_file),
    ]


def _issuing(settings: Settings, parts: Parts, base: Base) -> APIRouter:
    public = settings.public_base_url
    at_token = f"{public}{token.PATH}"
    prove = ProveClient(
        counties=base.counties,
        keys=CountyClientKeys(parts.clock, private_addresses=settings.private_key_addresses),
        seen=SeenOnce(parts.redis, UsedAssertions(base.database, parts.clock).remember),
        attempts=TokenAttempts(RateLimits(parts.redis), settings.token_attempts_per_minute),
        clock=parts.clock,
        issuer=at_token,
    )
    issue = IssueToken(
        prove=prove,
        signer=TokenSigner(settings.key_file, clock=parts.clock),
        audiences=frozenset({at_token}),
    )
    revoke = RevokeToken(
        prove=prove,
        verifier=TokenVerifier(settings.jwks_file, clock=parts.clock),
        access=base.access,
        audiences=frozenset({at_token, f"{public}{token.REVOKE_PATH}"}),
    )
    return token.router(issue, revoke, base.counties, base.database, public)


def _submitting(settings: Settings, parts: Parts, base: Base) -> APIRouter:
    public = settings.public_base_url
    return submit.router(
        _accepting(parts, base),
        _transactions(parts, base),
        base.counties,
        Existing(base.ledger, base.database),
        Batches(CollectorEntries(base.inside, settings.collector_url), public),
        public,
    )


def _transactions(parts: Parts, base: Base) -> submit.Submitting:
    waiting = _waiting(parts, base)
    keys = IdempotencyKeys(parts.clock)
    return submit.Submitting(_accepting(parts, base), _holding(parts, base), waiting, keys, base.database)


def _accepting(parts: Parts, base: Base) -> AcceptReferral:
    return AcceptReferral(
        acceptances=TableAcceptances(base.vault, base.ledger, base.quotas, base.outbox),
        vault=base.vault,
        ledger=base.ledger,
        lines=base.lines,
        events=base.outbox,
        county=base.counties.current,
        clock=parts.clock,
    )


def _waiting(parts: Parts, base: Base) -> WaitForPlace:
    return WaitForPlace(accept=_accepting(parts, base), lines=base.lines, events=base.outbox)


def _holding(parts: Parts, base: Base) -> HoldReferral:
    return HoldReferral(accept=_accepting(parts, base), cases=base.cases, events=base.outbox)


def _previewing(parts: Parts, base: Base) -> APIRouter:
    preview = PreviewRouting(
        quotas=base.quotas, lines=base.lines, county=base.counties.current, clock=parts.clock
    )
    return route.router(preview, base.database, base.counties.look)


def _reading(parts: Parts, base: Base) -> ReadResource:
    return ReadResource(
        vault=base.vault,
        ledger=base.ledger,
        audit=base.audit,
        county=base.counties.current,
        clock=parts.clock,
    )


def _creating(settings: Settings, parts: Parts, base: Base) -> creating.CreateApi:
    return creating.CreateApi(
        accept=_accepting(parts, base),
        submitting=_transactions(parts, base),
        search=SearchDocuments(finder=TableFinder(), read=_reading(parts, base), vault=base.vault),
        vault=base.vault,
        existing=Existing(base.ledger, base.database),
        database=base.database,
        counties=base.counties,
        base=settings.public_base_url,
    )


def _searching(settings: Settings, parts: Parts, base: Base) -> APIRouter:
    search = SearchDocuments(finder=TableFinder(), read=_reading(parts, base), vault=base.vault)
    tasks = CollectorIncludes(base.inside, settings.collector_url)
    api = searching.SearchApi(search, base.database, base.counties.look, tasks, settings.public_base_url)
    return searching.router(api)


def _updating(settings: Settings, parts: Parts, base: Base) -> Sequence[APIRouter]:
    vault, ledger, clock = base.vault, base.ledger, parts.clock
    update = DocumentUpdate(vault=vault, ledger=ledger, audit=base.audit)
    end_held = EndHeld(ledger=ledger, lines=base.lines, cases=base.cases, events=base.outbox, clock=clock)
    revoke = RevokeReferral(
        update=update, vault=vault, ledger=ledger, events=base.outbox, end_held=end_held, clock=clock
    )
    withdraw = WithdrawConsent(
        update=update, vault=vault, ledger=ledger, events=base.outbox, end_held=end_held, clock=clock
    )
    return (
        documents.update_router(revoke, withdraw, base.database),
        conditional_update.router(_creating(settings, parts, base), revoke),
    )


def _auditing(settings: Settings, parts: Parts, base: Base) -> APIRouter:
    signer = TokenSigner(settings.key_file, clock=parts.clock)
    read = BothAudits(base.database, base.inside, signer, settings.collector_url)
    return audit_events.router(read, base.audit, base.database, parts.clock, settings.public_base_url)


def _serving_persons(parts: Parts, base: Base) -> APIRouter:
    serve = ServePerson(vault=PersonRows(), audit=base.audit, clock=parts.clock)
    return persons.router(serve, base.database)


def _managing_clients(settings: Settings, parts: Parts, base: Base) -> APIRouter:
    manage = ManageClients(
        counties=base.counties, clients=base.clients, read=read_client, access=base.access, clock=parts.clock
    )
    audience = f"{settings.public_base_url}{token.PATH}"
    return clients.router(manage, base.clients, base.counties, base.database, audience)


def _listing(parts: Parts, base: Base) -> APIRouter:
    listed = ListAgreements(quotas=base.quotas, county=base.counties.current, clock=parts.clock)
    return agreements.router(listed, base.database, base.counties.look)


def _overseeing(settings: Settings, parts: Parts, base: Base) -> APIRouter:
    def wanted() -> list[str]:
        """The shared topics, and one for each provider of the county, once it is loaded."""
        try:
            providers = sorted(base.counties.current().providers)
        except LahettiError:
            providers = []
        return [*SHARED, *map(tasks_topic, providers)]

    return oversight.router(
        base.cases, Trace(), base.database, parts.event_log, GROUPS, wanted, settings.topics_managed
    )


def _loading(parts: Parts, base: Base) -> APIRouter:
    load = LoadCounty(
        counties=base.counties,
        read=read_county,
        clients=base.clients,
        access=base.access,
        vault=base.vault,
        events=base.outbox,
        clock=parts.clock,
    )
    return county.router(load, base.database, base.counties)
