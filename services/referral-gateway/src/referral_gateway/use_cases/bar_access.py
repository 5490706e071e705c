"""Refuse tokens at every service, or no longer."""

from collections.abc import Mapping
from typing import Protocol

from referral_contracts.events import AccessChanged
from referral_contracts.topics import DIRECTORY
from service_runtime.tokens.bars import Bar, of_client

from referral_gateway.ports import Events, Session
from referral_gateway.use_cases.tell import tell

EHR = "ehr"


class Bars(Protocol):
    """The tokens that are refused at this service."""

    async def standing(self, session: Session) -> Mapping[str, Bar]: ...

    async def note(self, session: Session, bar: Bar, *, refused: bool) -> None: ...


class BarAccess:
    """Rule: what is refused here is refused everywhere. Writes the bar and `access.changed`, which collector
    and notifier take over; nothing where it stands that way already.
    """

    def __init__(self, *, bars: Bars, events: Events) -> None:
        self._bars = bars
        self._events = events

    async def settle(self, session: Session, stopped: Mapping[str, bool]) -> None:
        """Let exactly those EHR clients be refused that are `stopped`, by their ids."""
        standing = await self._bars.standing(session)
        for client, refused in sorted(stopped.items()):
            bar = Bar(of_client(EHR, client))
            if refused != (bar.name in standing):
                await self.tell(session, bar, refused=refused)

    async def tell(self, session: Session, bar: Bar, *, refused: bool = True) -> None:
        """Let one bar stand, or no longer."""
        await self._bars.note(session, bar, refused=refused)
        body = AccessChanged(name=bar.name, refused=refused, issued_until=bar.issued_until, until=bar.until)
        await self._events.add(session, [tell(bar.name, body, topic=DIRECTORY)])
