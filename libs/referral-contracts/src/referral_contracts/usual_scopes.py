"""The scopes that callers usually have, space-separated, in the spelling of SMART App Launch 2."""

EHR = (
    "system/Bundle.c system/ServiceRequest.ru system/Task.rsu system/Patient.r system/Consent.ru"
    " system/Organization.r system/HealthcareService.r"
)
"""A record system: post a referral, follow it, end it."""
PROVIDER = "system/ServiceRequest.r system/Task.rsu system/Patient.r system/Organization.r"
STAFF = "lahetti/cases.r lahetti/trace.r lahetti/topics.r"
