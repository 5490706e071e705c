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

    def returned(then: datetime) -> bool:
        return consents.return_permitted(consent, then) and consents.is_active(consent, then)

    goes_back = returned(at)
    return Permission(
        disclosed_until=consents.holds_until(consent, at, disclosed),
        returned=goes_back,
        returned_until=consents.holds_until(consent, at, returned) if goes_back else None,
    )
