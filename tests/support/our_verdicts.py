"""What this system's own validator says of one resource, as the gateway would hear it."""

from collections.abc import Mapping
from typing import Any

from referral_contracts.errors import Issue
from referral_contracts.fhir.validation import validate
from referral_contracts.systems import CANONICAL


def issues_of_resource(resource: Mapping[str, Any], profile: str | None) -> list[Issue]:
    """All faults of `resource` against the profile with this id, or against plain R4 where it is None."""
    url = None if profile is None else f"{CANONICAL}/StructureDefinition/{profile}"
    return validate(dict(resource), url)
