"""Referrals in the words of the field: the same builder that the demo's patient record system uses."""

from collections.abc import Mapping
from typing import Any

from lahetti.simulators.referral_bundles import IDENTIFIER_SYSTEM, referral_bundle
from referral_contracts.fhir.references import rewritten

__all__ = ["IDENTIFIER_SYSTEM", "referral_bundle", "standing_alone"]


def standing_alone(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """The Bundle's ServiceRequest with everything else contained in it."""
    names = {entry["fullUrl"]: f"#r{index}" for index, entry in enumerate(bundle["entry"])}
    request: dict[str, Any] = {}
    contained: list[dict[str, Any]] = []
    for entry in bundle["entry"]:
        resource = rewritten(entry["resource"], names.get)
        if resource["resourceType"] == "ServiceRequest":
            request = resource
        else:
            contained.append({**resource, "id": names[entry["fullUrl"]][1:]})
    return {**request, "contained": contained}
