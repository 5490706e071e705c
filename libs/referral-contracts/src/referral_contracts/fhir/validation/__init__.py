"""Whether a resource is sound by R4 and keeps our profiles: `validate`."""

from referral_contracts.fhir.validation.validating import PROFILES, SUBMITTED, validate

__all__ = ["PROFILES", "SUBMITTED", "validate"]
