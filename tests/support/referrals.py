"""Referrals in the words of the field: the same builder that the demo's patient record system uses."""

from lahetti.simulators.referral_bundles import IDENTIFIER_SYSTEM, referral_bundle

__all__ = ["IDENTIFIER_SYSTEM", "referral_bundle"]
