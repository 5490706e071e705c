"""The words for what our profiles ask that say more than the kind of fault: refusals that the guides name.

What is asked stands in the profiles alone; here is only under which slug, and at which element, it is told.
"""

from collections.abc import Mapping

RULES: Mapping[str, tuple[str, str]] = {
    "lsr-identifier": ("required-element", "identifier"),
    "lsr-pathway": ("wrong-cardinality", "category"),
    "lsr-contact": ("contact-prohibited", "orderDetail"),
    "lsr-requester": ("required-element", "identifier"),
    "lsr-requester-name": ("required-element", "display"),
    "lsr-other": ("reason-text-required", "text"),
    "lpa-name": ("required-element", "name"),
    "lpa-phone": ("phone-required", "telecom"),
    "lpa-hetu": ("invalid-value", "value"),
    "lco-disclosure": ("consent-names-nobody", "provision.provision"),
    "ldi-id": ("invalid-value", "id"),
    "lor-kind": ("required-element", "type"),
    "ppc-1": ("required-element", "policyRule"),
    "lhs-capacity": ("invalid-value", "extension"),
    "len-address": ("invalid-value", "address"),
}
"""Slug and place below the invariant's own, by the invariant's key; all others are told as `invariant`."""

SLUGS: Mapping[tuple[str, str], str] = {
    ("lahetti-service-request.status", "pattern"): "not-an-order",
    ("lahetti-service-request.intent", "pattern"): "not-an-order",
    ("lahetti-service-request.category:pathway", "codes"): "unknown-pathway",
    ("lahetti-service-request.supportingInfo", "min"): "consent-missing",
    ("lahetti-service-request.supportingInfo:consent", "min"): "consent-missing",
    ("lahetti-consent.status", "pattern"): "consent-inactive",
    ("lahetti-consent.provision.provision", "min"): "consent-names-nobody",
    ("lahetti-consent.category:disclosure", "min"): "unknown-code",
}
"""Slugs by the element's id and what it fails at (min, max, fixed, pattern, codes, target, type)."""
