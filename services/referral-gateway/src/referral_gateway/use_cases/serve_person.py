"""What a person may ask of the county: which referrals are theirs, a copy of them, and their erasure."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import orjson
from referral_contracts.errors import refuse
from service_runtime.caller import Caller
from service_runtime.clock import Clock

from referral_gateway.domain.persons import Identity, PatientOf, same_person
from referral_gateway.ports import AuditTrail, Document, Reading, Session


class PersonVault(Protocol):
    """A person's rows."""

    async def patients(self, session: Session) -> Sequence[PatientOf]: ...

    async def referrals(self, session: Session, ids: Sequence[str]) -> Sequence[Mapping[str, Any]]: ...

    async def documents(self, session: Session, ids: Sequence[str]) -> Sequence[Document]: ...

    async def evidence(self, session: Session, ids: Sequence[str]) -> Mapping[str, bytes]: ...

    async def erase(self, session: Session, ids: Sequence[str]) -> Mapping[str, int]: ...


class ServePerson:
    """Rule: the county's officer does it for the person; each call writes an audit row a referral. A person
    is the set of referrals that share an identity (see `domain.persons`).
    """

    def __init__(self, *, vault: PersonVault, audit: AuditTrail, clock: Clock) -> None:
        self._vault = vault
        self._audit = audit
        self._clock = clock

    async def find(
        self, session: Session, caller: Caller, referral: str | None, known: Identity | None
    ) -> Sequence[Mapping[str, Any]]:
        """The person's referrals: id, client, `accepted_at`, `closed_at`."""
        chosen = same_person(await self._vault.patients(session), referral=referral, known=known)
        await self._note(session, caller, "search", chosen)
        return await self._vault.referrals(session, chosen)

    async def export(self, session: Session, caller: Caller, referrals: Sequence[str]) -> Mapping[str, Any]:
        """A Bundle of every document of the referrals in every version, and the bytes as they were received
        as a Binary each.
        """
        documents = await self._vault.documents(session, referrals)
        received = await self._vault.evidence(session, referrals)
        await self._note(session, caller, "export", sorted({one.referral or "" for one in documents}))
        entries = [_entry(one) for one in documents]
        entries += [_binary(referral, body) for referral, body in sorted(received.items())]
        return {"resourceType": "Bundle", "type": "collection", "entry": entries}

    async def erase(self, session: Session, caller: Caller, referrals: Sequence[str]) -> Mapping[str, int]:
        """Remove all that is about the person; the referral itself stays as a number in statistics: where it
        went and how it ended, without whom. Raises `person-referral-open` while one is not closed,
        `not-found` where none is here.
        """
        known = await self._vault.referrals(session, referrals)
        if not known:
            raise refuse("not-found")
        ids = [str(one["id"]) for one in known]
        still_open = [str(one["id"]) for one in known if one["closed_at"] is None]
        if still_open:
            raise refuse("person-referral-open", referrals=", ".join(still_open))
        counts = await self._vault.erase(session, ids)
        await self._note(session, caller, "erase", ids)
        return {"referrals": len(ids), **counts}

    async def _note(self, session: Session, caller: Caller, action: str, referrals: Sequence[str]) -> None:
        at = self._clock.now()
        await self._audit.write(session, [_line(caller, action, one, at) for one in referrals])


def _line(caller: Caller, action: str, referral: str, at: datetime) -> Reading:
    return Reading(
        at=at,
        client=caller.client_id,
        kind=caller.kind,
        action=action,
        type="Patient",
        resource=referral,
        outcome="given",
        referral=referral,
    )


def _entry(document: Document) -> Mapping[str, Any]:
    place = f"{document.type}/{document.id}/_history/{document.version}"
    return {"fullUrl": f"urn:lahetti:{place}", "resource": orjson.loads(document.body)}


def _binary(referral: str, body: bytes) -> Mapping[str, Any]:
    content = {"contentType": "application/fhir+json", "data": base64.b64encode(body).decode()}
    resource = {"resourceType": "Binary", "id": referral, **content}
    return {"fullUrl": f"urn:lahetti:Binary/{referral}", "resource": resource}
