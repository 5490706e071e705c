"""The scopes that callers usually have, space-separated, in the spelling of SMART App Launch 2."""

EHR = (
    "system/Bundle.c system/ServiceRequest.crus system/Task.crus system/Patient.rs system/Consent.rus"
    " system/Organization.rs system/HealthcareService.rs system/Subscription.crd"
)
"""A record system: post a referral, follow it, end it."""
PROVIDER = "system/Bundle.c system/ServiceRequest.rs system/Task.rus system/Patient.rs system/Organization.rs"
"""A provider: read what is routed to it and report; many at once in a batch."""
STAFF = "lahetti/agreements.r lahetti/cases.r lahetti/trace.r lahetti/topics.r"
