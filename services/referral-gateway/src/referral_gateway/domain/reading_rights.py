"""Who may read a document of a referral, decided from the gateway's own rows (D31)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Decision = Literal["given", "not-yours", "permission-inactive", "routing-ended"]


@dataclass(frozen=True, slots=True)
class RoutedTo:
    """One routing: ServiceRequest B `id`, to `provider`, ended or not."""

    id: str
    provider: str
    ended: bool


def may_provider_read(
    resource_type: str, resource_id: str, provider: str, routings: Sequence[RoutedTo], *, permitted: bool
) -> Decision:
    """What `provider` gets of the referral with these `routings`; `permitted` = the client's permission
    holds now.

    Its own ServiceRequest B, never A; everything about the person only while a routing to it is open;
    nothing at all without permission. To a provider that was never asked the referral does not exist.
    """
    own = [routing for routing in routings if routing.provider == provider]
    if resource_type == "ServiceRequest":
        own = [routing for routing in own if routing.id == resource_id]
    if not own:
        return "not-yours"
    if not permitted:
        return "permission-inactive"
    if resource_type != "ServiceRequest" and all(routing.ended for routing in own):
        return "routing-ended"
    return "given"
