"""What this system's own validator says of one resource, as the gateway would hear it."""

from collections.abc import Mapping
from typing import Any

from referral_contracts.errors import Issue
from referral_contracts.fhir import reading


def issues_of_resource(resource: Mapping[str, Any], profile: str | None) -> list[Issue]:
    """All faults of `resource` against the profile with this id, or against plain R4 where it is None."""
    return reading.check(dict(resource), resource["resourceType"])
