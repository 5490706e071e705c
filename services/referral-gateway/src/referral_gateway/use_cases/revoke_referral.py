"""Revoke a referral: its author ends ServiceRequest A."""

from datetime import timedelta

import orjson
from referral_contracts.errors import LahettiError, refuse
from referral_contracts.events import ReferralRevoked
from service_runtime.clock import Clock

from referral_gateway.domain.changes import reason_of, request_issues, revoked
from referral_gateway.ports import Document, Events, Ledger, Session, Vault
from referral_gateway.use_cases.hold_referral import EndHeld
from referral_gateway.use_cases.tell import tell
from referral_gateway.use_cases.update_document import Change, DocumentUpdate, Held

ANSWER_WITHIN = timedelta(minutes=2)


class RevokeReferral:
    """Rule: while a provider still has the referral, or it is held for a person, its author may revoke it
    with a reason, or add notes.

    Writes the next version of A, the same status, reason and notes to the open B, and `referral.revoked`,
    which carries no reason: the collector reads it from B and decides whether the Task ends or an abort is
    asked for.
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
        held = await self._update.hold(session, client, "ServiceRequest", resource_id, version, change)
        if issues := request_issues(held.before, held.after):
            raise LahettiError(*issues)
        if held.before == held.after:
            return held.document
        if held.open_routing is None and not held.waits:
            raise refuse("referral-ended", "ServiceRequest.status")
        now = self._clock.now()
        written = await self._update.write(session, held.document, held.after, now)
        await self._update.tell_audit(session, client, written, now)
        if held.open_routing is not None:
            await self._follow(session, held)
        elif held.after["status"] != held.before["status"]:
            await self._end_held.revoked(session, held.referral)
        return written

    async def _follow(self, session: Session, held: Held) -> None:
        """B shows what A shows; where A ended, the collector is told."""
        now, routing = self._clock.now(), held.open_routing
        assert routing is not None  # noqa: S101 checked by the caller
        filler = await self._vault.newest(session, "ServiceRequest", routing.id)
        assert filler is not None  # noqa: S101 written with its routing
        status = held.after["status"]
        changed = revoked(
            orjson.loads(filler.body), status, reason_of(held.after), held.after.get("note", [])
        )
        await self._update.write(session, filler, changed, now)
        if status == held.before["status"]:
            return
        body = ReferralRevoked(referral=held.referral.id, service_request=routing.id, by="referrer")
        event = tell(held.referral.id, body)
        await self._ledger.mark(session, held.referral.id, revoked_at=now)
        await self._ledger.change_routings(
            session,
            [{"id": routing.id, "revoke_event": event.id, "swept": 0, "sweep_at": now + ANSWER_WITHIN}],
        )
        await self._events.add(session, [event])
