"""The documents of a referral as they are served: with our ids, our `meta` and our references, otherwise as
posted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referral_contracts.fhir.references import rewritten
from referral_contracts.fhir.referral_profile import Part, Referral

Resource = dict[str, Any]

_OUR_META = ("security", "profile", "tag")


@dataclass(frozen=True, slots=True)
class Served:
    """A referral's documents."""

    request: Resource
    patient: Resource
    consent: Resource
    others: tuple[Resource, ...]

    @property
    def all(self) -> tuple[Resource, ...]:
        """All that the gateway keeps; Task A is the collector's."""
        return (self.request, self.patient, self.consent, *self.others)


def served(referral: Referral, consent: Part, referral_id: str, at: datetime) -> Served:
    """The documents of the sound `referral`, whose id is `referral_id`.

    The first resource of each type gets the referral's own id, further ones a number behind it, in the
    order of the Bundle: that order is part of what makes two posts the same, so a retry finds the same ids.
    """
    addresses = _addresses(referral, referral_id)
    return Served(
        request=_renamed(referral.request, addresses, at),
        patient=_renamed(referral.patient, addresses, at),
        consent=_renamed(consent, addresses, at),
        others=tuple(_renamed(part, addresses, at) for part in referral.others),
    )


def unserved(
    referral: Referral, name: str, at: datetime
) -> tuple[Resource, Resource, Resource | None, tuple[Resource, ...]]:
    """Request, patient, consent where there is one, and the others, as if `name` were the referral's id."""
    addresses = _addresses(referral, name)
    consent = referral.consent
    return (
        _renamed(referral.request, addresses, at),
        _renamed(referral.patient, addresses, at),
        _renamed(consent, addresses, at) if consent is not None else None,
        tuple(_renamed(part, addresses, at) for part in referral.others),
    )


def locations(referral: Referral, referral_id: str) -> tuple[str, ...]:
    """Our `Type/id` of each entry of the Bundle, in its order; Task A's is at the collector's."""
    addresses = _addresses(referral, referral_id)
    return tuple(addresses[part.url or ""] for part in _in_order(referral))


def stamped(resource: Mapping[str, Any], resource_id: str, version: int, at: datetime) -> Resource:
    """The resource as version `version` of `resource_id`; labels, profiles and tags of its `meta` stay."""
    given = resource.get("meta", {})
    meta = {"versionId": str(version), "lastUpdated": at.isoformat(timespec="milliseconds")}
    meta |= {name: given[name] for name in _OUR_META if name in given}
    head: Resource = {"resourceType": resource["resourceType"], "id": resource_id, "meta": meta}
    return head | {name: content for name, content in resource.items() if name not in head}


def _renamed(part: Part, addresses: Mapping[str, str], at: datetime) -> Resource:
    resource_id = addresses[part.url or ""].partition("/")[2]
    return stamped(rewritten(part.resource, addresses.get), resource_id, 1, at)


def _in_order(referral: Referral) -> list[Part]:
    known = [referral.request, referral.patient, referral.consent, referral.task, *referral.others]
    return sorted((part for part in known if part is not None), key=lambda part: part.index)


def _addresses(referral: Referral, referral_id: str) -> dict[str, str]:
    """Our `Type/id` of each fullUrl, and of the relative form of those that are RESTful addresses."""
    addresses: dict[str, str] = {}
    seen: dict[str, int] = {}
    for part in _in_order(referral):
        name, url = part.resource["resourceType"], part.url or ""
        seen[name] = seen.get(name, 0) + 1
        ours = f"{name}/{referral_id}" + (f"-{seen[name]}" if seen[name] > 1 else "")
        addresses[url] = ours
        relative = "/".join(url.split("/")[-2:])
        if relative.startswith(f"{name}/"):
            addresses.setdefault(relative, ours)
    return addresses
