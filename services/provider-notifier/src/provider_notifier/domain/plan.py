"""Which deliveries an event about a Task makes."""

from collections.abc import Sequence
from dataclasses import dataclass

from provider_notifier.domain.endpoints import Channel, EndpointAddress, listeners
from provider_notifier.domain.notice import Notice


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery to be written. Without a listener it is written as exhausted: a person has to look at it."""

    event: str
    endpoint: str
    channel: Channel
    sequence: int
    notice: Notice
    has_listener: bool = True


def plan(
    event: str, sequence: int, notice: Notice, endpoints: Sequence[EndpointAddress]
) -> Sequence[Planned]:
    """One delivery for each endpoint that hears of `notice`; where none does, one that is exhausted from the
    start, at the first of `endpoints`, which must not be empty."""
    hearing = listeners(endpoints, test=notice.test)
    if not hearing:
        first = endpoints[0]
        return [Planned(event, first.id, first.channel, sequence, notice, has_listener=False)]
    return [Planned(event, endpoint.id, endpoint.channel, sequence, notice) for endpoint in hearing]
