"""What revoking and withdrawing have in common: the caller's document, held, at the version that the caller
read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from referral_contracts.errors import LahettiError, refuse
from referral_contracts.fhir.validation import validate
from referral_contracts.systems import STATUS_REASON
from service_runtime.ids import is_id

from referral_gateway.domain.documents import stamped
from referral_gateway.ports import (
    AuditTrail,
    Document,
    KnownReferral,
    KnownRouting,
    Ledger,
    Reading,
    Session,
    Vault,
)

Change = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes the resource that the caller wants from the newest one: the body of a PUT, or a patch applied."""

_SERVERS_OWN = ("meta", "text")
"""What a caller sends back as it read it: labels such as turvakielto are not theirs to take away here."""


@dataclass(frozen=True, slots=True)
class Held:
    """A document as it is, what it shall become, and its referral, held until the transaction ends."""

    referral: KnownReferral
    routings: list[KnownRouting]
    document: Document
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def open_routing(self) -> KnownRouting | None:
        """The routing that a provider still works on."""
        last = self.routings[-1] if self.routings else None
        return last if last is not None and last.ended_at is None else None

    @property
    def waits(self) -> bool:
        """Whether it is held for a person: nobody was asked yet."""
        return not self.routings and self.referral.closed_at is None


class DocumentUpdate:
    """Holds a referral, checks who updates what from which version, writes the next version and the audit."""

    def __init__(self, *, vault: Vault, ledger: Ledger, audit: AuditTrail) -> None:
        self._vault = vault
        self._ledger = ledger
        self._audit = audit

    async def hold(
        self,
        session: Session,
        client: str,
        resource_type: str,
        resource_id: str,
        version: int | None,
        change: Change,
    ) -> Held:
        """Raises `not-found` for what is not the client's own, `version-required` and `version-conflict`,
        and the structural faults of what the document would become.
        """
        held = (
            (await self._ledger.lock(session, [resource_id])).get(resource_id) if is_id(resource_id) else None
        )
        if held is None or held.client != client:
            raise refuse("not-found")
        document = await self._vault.newest(session, resource_type, resource_id)
        if document is None:
            raise refuse("not-found")
        if version is None:
            raise refuse("version-required")
        if version != document.version:
            raise refuse("version-conflict")
        before = orjson.loads(document.body)
        after = change(before)
        _check(after, resource_type, resource_id)
        after = {name: content for name, content in after.items() if name not in _SERVERS_OWN}
        after |= {name: before[name] for name in _SERVERS_OWN if name in before}
        routings = list(await self._ledger.routings(session, [held.id]))
        return Held(held, routings, document, before, after)

    async def write(
        self, session: Session, document: Document, resource: dict[str, Any], at: datetime
    ) -> Document:
        """The next version of `document`, with the server's own `meta`."""
        version = document.version + 1
        body = orjson.dumps(stamped(resource, document.id, version, at))
        written = Document(document.type, document.id, version, body, at, document.referral)
        await self._vault.add(session, [written])
        return written

    async def tell_audit(self, session: Session, client: str, document: Document, at: datetime) -> None:
        """A line that says who wrote this version."""
        line = Reading(
            at=at,
            client=client,
            kind="ehr",
            action="update",
            type=document.type,
            resource=document.id,
            version=document.version,
            referral=document.referral,
            outcome="given",
        )
        await self._audit.write(session, [line])


def _check(after: Any, resource_type: str, resource_id: str) -> None:
    if not isinstance(after, dict):
        raise refuse("malformed-json")
    # Which reason a revocation may have is told by the change itself, with those that may be.
    if issues := validate(after, resource_type=resource_type, judged=(STATUS_REASON,)):
        raise LahettiError(*issues)
    if after.get("id") != resource_id:
        raise refuse("invalid-value", f"{resource_type}.id")
