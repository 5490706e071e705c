"""What the client's permission means for one routing: for how long its provider, and the referrer, get
more than the status (D2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referral_contracts.fhir import consents

from referral_gateway.domain.county import Provider


@dataclass(frozen=True, slots=True)
class Permission:
    """`disclosed_until` and `returned_until` are None where the permission has no end; `returned` says
    whether anything but the status goes back at all."""

    disclosed_until: datetime | None
    returned: bool
    returned_until: datetime | None


def permission_for(consent: Mapping[str, Any], provider: Provider, service: str, at: datetime) -> Permission:
    """What `consent` permits at `at` for a routing to `service` of `provider`, which it includes."""

    def disclosed(then: datetime) -> bool:
        named = consents.recipients(consent, then)
        included = named.include(provider=provider.id, kind=provider.kind, services=(service,))
        return included and consents.is_active(consent, then)

    return Permission(
        disclosed_until=consents.holds_until(consent, at, disclosed),
        returned=_returned(consent, at),
        returned_until=returned_until(consent, at),
    )


def returned_until(consent: Mapping[str, Any], at: datetime) -> datetime | None:
    """When the permission to return more than the status ends; None where it has no end, or is not given."""
    if not _returned(consent, at):
        return None
    return consents.holds_until(consent, at, lambda then: _returned(consent, then))


def _returned(consent: Mapping[str, Any], at: datetime) -> bool:
    return consents.return_permitted(consent, at) and consents.is_active(consent, at)
