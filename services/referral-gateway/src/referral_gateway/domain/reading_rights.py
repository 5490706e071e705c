"""Who may read a document of a referral, decided from the gateway's own rows (D31)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Decision = Literal["given", "not-yours", "permission-inactive", "routing-ended"]


@dataclass(frozen=True, slots=True)
class Permission:
    """How far the client's permission reaches in time; `withdrawn` ends it at once."""

    withdrawn: bool
    begins: datetime | None
    ends: datetime | None

    def is_active(self, at: datetime) -> bool:
        """Whether something may leave the gateway at `at`."""
        begun = self.begins is None or self.begins <= at
        return begun and not self.withdrawn and (self.ends is None or at < self.ends)


@dataclass(frozen=True, slots=True)
class RoutedTo:
    """One routing: ServiceRequest B `id`, to `provider`, ended or not."""

    id: str
    provider: str
    ended: bool


def may_provider_read(
    resource_type: str,
    resource_id: str,
    provider: str,
    routings: Sequence[RoutedTo],
    permission: Permission,
    at: datetime,
) -> Decision:
    """What `provider` gets of the referral with these `routings`.

    Its own ServiceRequest B, never A; everything about the person only while a routing to it is open, and
    nothing at all once the permission has ended. To a provider that was never asked the referral does not
    exist.
    """
    own = [routing for routing in routings if routing.provider == provider]
    if resource_type == "ServiceRequest":
        own = [routing for routing in own if routing.id == resource_id]
    if not own:
        return "not-yours"
    if not permission.is_active(at):
        return "permission-inactive"
    if resource_type != "ServiceRequest" and all(routing.ended for routing in own):
        return "routing-ended"
    return "given"
