"""Read a document: newest version, one version, or all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import orjson
from referral_contracts.errors import refuse
from referral_contracts.fhir import consents
from service_runtime.caller import Caller
from service_runtime.clock import Clock

from referral_gateway.domain.county import County
from referral_gateway.domain.protected_view import protected_view
from referral_gateway.domain.reading_rights import Decision, RoutedTo, may_provider_read
from referral_gateway.domain.routing_provenance import TYPE as PROVENANCE
from referral_gateway.ports import AuditTrail, Document, KnownReferral, Ledger, Reading, Session, Vault

Action = Literal["read", "vread", "history", "search"]

_REFUSAL = {
    "not-yours": "not-found",
    "permission-inactive": "permission-inactive",
    "routing-ended": "routing-ended",
}


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """What was found and whether it is given. The audit row must be committed before `given()` may refuse."""

    decision: Decision
    documents: Sequence[Document]

    def given(self) -> Sequence[Document]:
        """The documents. Raises `not-found` where they are somebody else's: that they exist is not told."""
        if self.decision != "given":
            raise refuse(_REFUSAL[self.decision])
        return self.documents


class ReadResource:
    """Rule: an EHR reads its own referrals; a provider, or a service that acts for one, what is routed to
    it.

    A service by itself reads the directory and ServiceRequest B, never a person. Every look at a document
    of a referral, given or not, writes an audit row in the same transaction.
    """

    def __init__(
        self, *, vault: Vault, ledger: Ledger, audit: AuditTrail, county: Callable[[], County], clock: Clock
    ) -> None:
        self._vault = vault
        self._ledger = ledger
        self._audit = audit
        self._county = county
        self._clock = clock

    async def __call__(
        self,
        session: Session,
        caller: Caller,
        resource_type: str,
        resource_id: str,
        *,
        action: Action = "read",
        version: int | None = None,
    ) -> ReadAnswer:
        documents = await self._find(session, resource_type, resource_id, action, version)
        if not documents:
            raise refuse("not-found")
        if documents[0].referral is None:
            return ReadAnswer(_directory_decision(caller, documents[0]), documents)
        referral = await self._ledger.referral(session, documents[0].referral)
        if referral is None:
            raise refuse("not-found")
        decision = await self._decide(session, caller, documents[0], referral)
        await self._audit.write(
            session, [self._line(caller, document, action, decision) for document in documents]
        )
        if decision == "given" and _provider_of(caller) and referral.protected:
            documents = [_masked(document) for document in documents]
        return ReadAnswer(decision, documents)

    async def visible(
        self, session: Session, caller: Caller, documents: Sequence[Document]
    ) -> list[Document]:
        """Those of the newest `documents` that a read would give the caller, as it would give them. Nothing
        is written down: what was given is told to `note`."""
        referrals: dict[str, KnownReferral | None] = {}
        given: list[Document] = []
        for document in documents:
            if document.referral is None:
                given += [document] if _directory_decision(caller, document) == "given" else []
                continue
            if document.referral not in referrals:
                referrals[document.referral] = await self._ledger.referral(session, document.referral)
            referral = referrals[document.referral]
            if referral and await self._decide(session, caller, document, referral) == "given":
                masked = _provider_of(caller) and referral.protected
                given.append(_masked(document) if masked else document)
        return given

    async def note(self, session: Session, caller: Caller, documents: Sequence[Document]) -> None:
        """An audit row for each document of a person that a search gives."""
        about = [document for document in documents if document.referral is not None]
        await self._audit.write(session, [self._line(caller, one, "search", "given") for one in about])

    async def _find(
        self, session: Session, resource_type: str, resource_id: str, action: Action, version: int | None
    ) -> Sequence[Document]:
        if action == "history":
            return await self._vault.history(session, resource_type, resource_id)
        if action == "vread":
            found = await self._vault.version(session, resource_type, resource_id, version or 0)
        else:
            found = await self._vault.newest(session, resource_type, resource_id)
        return [found] if found else []

    async def _decide(
        self, session: Session, caller: Caller, document: Document, referral: KnownReferral
    ) -> Decision:
        if caller.kind == "ehr":
            return "given" if referral.client == caller.client_id else "not-yours"
        if document.type == PROVENANCE:
            return (
                "not-yours"  # it names what the county's rule asked about the client: the referrer's to know
            )
        provider = _provider_of(caller)
        if provider is None:
            is_b = document.type == "ServiceRequest" and document.id != referral.id
            return "given" if caller.kind == "service" and is_b else "not-yours"
        routings = [
            RoutedTo(routing.id, routing.provider, routing.ended_at is not None)
            for routing in await self._ledger.routings(session, [referral.id])
        ]
        permitted = await self._is_permitted(session, provider, referral)
        return may_provider_read(document.type, document.id, provider, routings, permitted=permitted)

    async def _is_permitted(self, session: Session, provider: str, referral: KnownReferral) -> bool:
        """The permission as it is now, not as it was at routing: withdrawn, ended, or narrowed since."""
        kept = await self._vault.newest(session, "Consent", referral.id)
        if referral.withdrawn_at is not None or kept is None:
            return False
        consent, now = orjson.loads(kept.body), self._clock.now()
        county = self._county()
        known = county.providers.get(provider)
        services = [service.id for service in county.services.values() if service.provider == provider]
        return (
            known is not None
            and consents.is_active(consent, now)
            and consents.recipients(consent, now).include(
                provider=provider, kind=known.kind, services=services
            )
        )

    def _line(self, caller: Caller, document: Document, action: Action, decision: Decision) -> Reading:
        return Reading(
            at=self._clock.now(),
            client=caller.client_id,
            kind=caller.kind,
            action=action,
            type=document.type,
            resource=document.id,
            version=document.version,
            referral=document.referral,
            outcome=decision,
            on_behalf_of=caller.act.provider if caller.act else None,
            session=caller.act.session if caller.act else None,
        )


def _provider_of(caller: Caller) -> str | None:
    """The provider that reads: the caller itself, or the one that a service acts for."""
    if caller.kind == "provider":
        return caller.client_id
    return caller.act.provider if caller.act else None


def _directory_decision(caller: Caller, document: Document) -> Decision:
    """The directory is for all, but an address only for its provider and for whoever delivers to it."""
    if document.type != "Endpoint" or caller.kind in {"service", "staff"}:
        return "given"
    return "given" if owner_of(document) == caller.client_id else "not-yours"


def owner_of(endpoint: Document) -> str:
    """The provider whose address it is."""
    managing: str = orjson.loads(endpoint.body).get("managingOrganization", {}).get("reference", "")
    return managing.rpartition("/")[2]


def _masked(document: Document) -> Document:
    # Only the client's own document carries the label: what protects the client protects their family.
    return replace(document, body=orjson.dumps(protected_view(orjson.loads(document.body))))
