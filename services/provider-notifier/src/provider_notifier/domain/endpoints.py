"""A provider's addresses, as the directory describes them, and which of them hear of a Task."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from referral_contracts.systems import ACT_REASON, TEST

Channel = Literal["webhook", "email"]


@dataclass(frozen=True, slots=True)
class EndpointAddress:
    """One version of a FHIR Endpoint, as far as delivering needs it. `address` is a URL or a mail address."""

    id: str
    provider: str
    version: int
    channel: Channel
    address: str
    active: bool
    test: bool
    """Registered for tests: hears of test referrals, and only of those."""

    def hears_of(self, *, test: bool) -> bool:
        """Whether it may be told of a Task: while it is active, of tests where it is registered for them,
        else of real ones."""
        return self.active and self.test == test


class UnreadableEndpointError(ValueError):
    """The directory's Endpoint lacks what delivering needs; the text is a constant."""


def read_endpoint(resource: Mapping[str, Any]) -> EndpointAddress:
    """The address that a FHIR R4 Endpoint describes. Raises UnreadableEndpointError."""
    try:
        provider = resource["managingOrganization"]["reference"].rpartition("/")[2]
        version = int(resource["meta"]["versionId"])
        address, identity = resource["address"], resource["id"]
    except (KeyError, TypeError, AttributeError, ValueError):
        raise UnreadableEndpointError(
            "an Endpoint needs id, meta.versionId, managingOrganization and address"
        ) from None
    is_mail = address.lower().startswith("mailto:")
    labels = resource["meta"].get("security", ())
    return EndpointAddress(
        id=identity,
        provider=provider,
        version=version,
        channel="email" if is_mail else "webhook",
        address=address[len("mailto:") :] if is_mail else address,
        active=resource.get("status") == "active",
        test=any(label.get("system") == ACT_REASON and label.get("code") == TEST for label in labels),
    )


def listeners(endpoints: Iterable[EndpointAddress], *, test: bool) -> Sequence[EndpointAddress]:
    """Those of `endpoints` that hear of a Task."""
    return [endpoint for endpoint in endpoints if endpoint.hears_of(test=test)]
