"""Withdraw the client's permission: Consent becomes inactive, and nothing more leaves."""

from datetime import datetime

import orjson
from referral_contracts import systems
from referral_contracts.errors import LahettiError
from referral_contracts.events import ReferralRevoked
from service_runtime.clock import Clock

from referral_gateway.domain.changes import consent_issues, revoked
from referral_gateway.ports import Document, Events, KnownRouting, Ledger, Session, Vault
from referral_gateway.use_cases.hold_referral import EndHeld
from referral_gateway.use_cases.revoke_referral import ANSWER_WITHIN
from referral_gateway.use_cases.tell import tell
from referral_gateway.use_cases.update_document import Change, DocumentUpdate, Held

_WITHDRAWN = {"coding": [{"system": systems.STATUS_REASON, "code": "permission-withdrawn"}]}


class WithdrawConsent:
    """Rule: a permission may be withdrawn at any time, also when the referral has ended (D2).

    Writes the next version of the Consent and `referral.revoked` by permission, on which the collector
    cancels the open Task at once and shows nobody more than the status of any; while a provider has the
    referral, B as revoked too. From the commit on every read by a provider is refused here.
    """

    def __init__(
        self,
        *,
        update: DocumentUpdate,
        vault: Vault,
        ledger: Ledger,
        events: Events,
        end_held: EndHeld,
        clock: Clock,
    ) -> None:
        self._update = update
        self._vault = vault
        self._ledger = ledger
        self._events = events
        self._end_held = end_held
        self._clock = clock

    async def __call__(
        self, session: Session, client: str, resource_id: str, version: int | None, change: Change
    ) -> Document:
        held = await self._update.hold(session, client, "Consent", resource_id, version, change)
        if issues := consent_issues(held.before, held.after):
            raise LahettiError(*issues)
        if held.before == held.after:
            return held.document
        now = self._clock.now()
        written = await self._update.write(session, held.document, held.after, now)
        await self._update.tell_audit(session, client, written, now)
        await self._ledger.mark(session, held.referral.id, withdrawn_at=now)
        await self._tell(session, held, now)
        return written

    async def _tell(self, session: Session, held: Held, now: datetime) -> None:
        if not held.routings:
            await self._end_held.withdrawn(session, held.referral)
            return
        last = held.routings[-1]
        body = ReferralRevoked(referral=last.referral, service_request=last.id, by="permission")
        event = tell(last.referral, body)
        if last.ended_at is None:
            await self._end(session, last, event.id, now)
        await self._events.add(session, [event])

    async def _end(self, session: Session, routing: KnownRouting, event: str, now: datetime) -> None:
        filler = await self._vault.newest(session, "ServiceRequest", routing.id)
        assert filler is not None  # noqa: S101 written with its routing
        before = orjson.loads(filler.body)
        if before["status"] == "active":
            changed = revoked(before, "revoked", _WITHDRAWN, before.get("note", []))
            await self._update.write(session, filler, changed, now)
        await self._ledger.change_routings(
            session,
            [{"id": routing.id, "revoke_event": event, "swept": 0, "sweep_at": now + ANSWER_WITHIN}],
        )
