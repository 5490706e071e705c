"""For each invariant of our profiles, the one fault that breaks it."""

from collections.abc import Callable, Mapping
from typing import Any

from referral_contracts import systems

Resource = dict[str, Any]
Spoil = Callable[[Resource], Any]


def _other_without_text(request: Resource) -> None:
    request["reasonCode"] = [{"coding": [{"system": systems.REFERRAL_REASON, "code": "other"}]}]


def _second_pathway(request: Resource) -> None:
    second = {"system": systems.PATHWAY, "code": "wellbeing"}
    request["category"].append({"coding": [second]})


def _no_disclosure(consent: Resource) -> None:
    for rule in consent["provision"]["provision"]:
        rule["purpose"] = [{"system": systems.CONSENT_PURPOSE, "code": systems.RETURN}]


def _rule_without_actor(consent: Resource) -> None:
    purpose = {"system": systems.CONSENT_PURPOSE, "code": systems.RETURN}
    consent["provision"]["provision"].append({"type": "permit", "purpose": [purpose]})


def _silent_phones(patient: Resource) -> None:
    patient.pop("contact", None)
    for point in patient["telecom"]:
        point["use"] = "old"


def _wrong_hetu(patient: Resource) -> None:
    patient["identifier"] = [{"system": systems.HETU, "value": "010190-999A"}]


def _unknown_room(service: Resource) -> None:
    said = {"coding": [{"system": systems.GRAVITY_CODES, "code": "perhaps"}]}
    status = {"url": "capacityStatus", "valueCodeableConcept": said}
    service["extension"] = [{"url": systems.CAPACITY_EXTENSION, "extension": [status]}]


def _not_to_be_contacted(request: Resource) -> None:
    prohibited = {"system": systems.GRAVITY_CODES, "code": "contacting-subject-prohibited"}
    request["orderDetail"] = [{"coding": [prohibited]}]


BROKEN: Mapping[str, tuple[str, Spoil]] = {
    "lsr-identifier": ("ServiceRequest", lambda one: one["identifier"][0].pop("system")),
    "lsr-pathway": ("ServiceRequest", _second_pathway),
    "lsr-contact": ("ServiceRequest", _not_to_be_contacted),
    "lsr-requester": ("ServiceRequest", lambda one: one.update(requester={"display": "Tarja Testaaja"})),
    "lsr-requester-name": (
        "ServiceRequest",
        lambda one: one.update(requester={"identifier": {"system": "urn:x", "value": "1"}}),
    ),
    "lsr-other": ("ServiceRequest", _other_without_text),
    "lpa-name": ("Patient", lambda one: one.update(name=[{"use": "official"}])),
    "lpa-phone": ("Patient", _silent_phones),
    "lpa-hetu": ("Patient", _wrong_hetu),
    "lco-disclosure": ("Consent", _no_disclosure),
    "lco-rule": ("Consent", _rule_without_actor),
    "ldi-id": ("HealthcareService", lambda one: one.update(id="Kotka.Counselling")),
    "lor-kind": ("Organization", lambda one: one.update(type=[{"text": "kunta"}])),
    "lhs-capacity": ("HealthcareService", _unknown_room),
    "lae-caller": ("AuditEvent", lambda one: one["agent"][0].update(requestor=False)),
    "lae-refused": ("AuditEvent", lambda one: one.update(outcomeDesc="not-yours", outcome="0")),
    "len-address": ("Endpoint", lambda one: one.update(address="ftp://kotka.example")),
    "lta-reason": ("Task", lambda one: one.update(status="in-progress")),
    "lta-attempts": ("Task", lambda one: one["statusReason"].pop("extension")),
}
"""By key: the type of resource, and what spoils a good one."""
