"""The last look before anything goes out: whether the provider may still be told."""

from service_runtime.clock import Clock
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.sender import Attempted, Delivery, Sender

from provider_notifier.domain.notice import CANCELLED, Notice
from provider_notifier.ports import Stops


class PermittedSender:
    """Port `Sender` around a channel's own: sends while the client's permission holds.

    The permission's period came with the event. Its withdrawal stops what waits in the table; only what was
    being tried at that moment has to be asked about, at its next try, so a first try costs nothing."""

    def __init__(self, sender: Sender, stops: Stops, clock: Clock) -> None:
        self._sender, self._stops, self._clock = sender, stops, clock

    async def send(self, delivery: Delivery) -> Attempted:
        """What the channel's sender answers, or `stopped` with nothing sent."""
        notice = Notice.from_bytes(delivery.payload)
        if not notice.permits(self._clock.now()):
            return Attempted(AttemptClass.STOPPED)
        if delivery.attempt > 1 and notice.type != CANCELLED and await self._stops.overtaken(delivery):
            return Attempted(AttemptClass.STOPPED)
        return await self._sender.send(delivery)
