"""Make an outgoing event of what happened."""

from referral_contracts.events import EventBody
from referral_contracts.topics import REFERRALS
from service_runtime.events import OutgoingEvent
from service_runtime.ids import new_id


def tell(key: str, body: EventBody, *, topic: str = REFERRALS) -> OutgoingEvent:
    """The event that says `body` about the referral or provider `key`, with an id of its own."""
    return OutgoingEvent(id=new_id(), type=body.type, topic=topic, key=key, data=body.model_dump(mode="json"))
