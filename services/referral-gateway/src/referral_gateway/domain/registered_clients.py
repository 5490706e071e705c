"""EHR clients from two sources: the county's data, and what operators add or stop beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from referral_gateway.domain.county import County, EhrClient


@dataclass(frozen=True, slots=True)
class Registered:
    """What operators say of the client `id`. `client` is None where the county's data describes it and the
    operators have only stopped it, or let it go on.
    """

    id: str
    client: EhrClient | None
    active: bool
    changed_at: datetime
    changed_by: str


def with_registered(county: County, registered: Iterable[Registered]) -> County:
    """The county with the operators' clients too, and with those stopped whom either side has stopped.

    Neither side says anything in place of the other: one that the county's data describes is described by
    that alone, and is active only where both let it be.
    """
    clients = dict(county.clients)
    for one in registered:
        known = clients.get(one.id) or one.client
        if known is not None:
            clients[one.id] = replace(known, active=known.active and one.active)
    return replace(county, clients=clients)


def stopped(county: County, before: Mapping[str, EhrClient]) -> dict[str, bool]:
    """By client, whether its tokens are to be refused: it is not active, or was a client and is none now.
    `county` holds the operators' clients too.
    """
    gone = dict.fromkeys(before.keys() - county.clients.keys(), True)
    return gone | {client.id: not client.active for client in county.clients.values()}
