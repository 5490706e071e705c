"""What the notifier's tests are made of."""

from pathlib import Path
from typing import Any

from provider_notifier.adapters.endpoint_book import KnownEndpoint
from provider_notifier.domain.endpoints import EndpointAddress
from provider_notifier.domain.notice import Notice, iso
from referral_contracts.events import TaskRequested
from service_runtime.delivery.sender import Delivery
from service_runtime.event_log.port import Record
from service_runtime.events import ReceivedEvent
from service_runtime.ids import new_id
from service_runtime.secret_box import AesGcmSecretBox, generate_secret_keys
from support.clocks import StandingClock

CLOCK = StandingClock()
HTEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}


def an_address(**given: Any) -> EndpointAddress:
    known: dict[str, Any] = {
        "id": "gym-webhook",
        "provider": "gym",
        "version": 1,
        "channel": "webhook",
        "address": "http://127.0.0.1:9/notifications",
        "active": True,
        "test": False,
    }
    return EndpointAddress(**(known | given))


def a_fhir_endpoint(**given: Any) -> dict[str, Any]:
    """An Endpoint as the gateway serves it."""
    version, test = given.pop("version", 1), given.pop("test", False)
    resource: dict[str, Any] = {
        "resourceType": "Endpoint",
        "id": "gym-webhook",
        "meta": {"versionId": str(version)},
        "status": "active",
        "managingOrganization": {"reference": "Organization/gym"},
        "address": "https://gym.example.org/notifications",
    }
    if test:
        resource["meta"]["security"] = [HTEST]
    return resource | given


def a_notice(**given: Any) -> Notice:
    known: dict[str, Any] = {
        "type": "task.requested",
        "referral": new_id(),
        "task": new_id(),
        "version": 1,
        "provider": "gym",
        "test": False,
        "urgent": False,
        "time": iso(CLOCK.now()),
    }
    return Notice(**(known | given))


def a_claimed_delivery(notice: Notice, **given: Any) -> Delivery:
    known: dict[str, Any] = {
        "id": new_id(),
        "event_id": new_id(),
        "endpoint": "gym-webhook",
        "channel": "webhook",
        "ordering_key": notice.referral,
        "sequence": 3,
        "payload": notice.to_bytes(),
        "created_at": CLOCK.now(),
        "attempt": 1,
        "attempt_id": new_id(),
        "spent": 0,
        "fault_since": None,
        "stalled": False,
        "token": new_id(),
    }
    return Delivery(**(known | given))


def a_received_task(**given: Any) -> ReceivedEvent:
    """task.requested, as the consumer hands it over."""
    sequence = given.pop("sequence", 1)
    known: dict[str, Any] = {
        "referral": new_id(),
        "task": new_id(),
        "version": 1,
        "provider": "gym",
        "test": False,
        "urgent": False,
    }
    body = TaskRequested(**(known | given))
    topic = f"lahetti.tasks.{body.provider}.v1"
    record = Record(topic=topic, lane=0, offset=0, key=body.referral, headers={}, value=b"")
    return ReceivedEvent(
        id=new_id(),
        type=body.type,
        source="/kymenlaakso/outcome-collector",
        subject=body.referral,
        time=CLOCK.now(),
        sequence=sequence,
        data=body,
        record=record,
    )


def a_box(folder: Path) -> AesGcmSecretBox:
    """A secret box with a key of its own."""
    generate_secret_keys(folder / "secret-keys.json")
    return AesGcmSecretBox(folder / "secret-keys.json")


def known(address: EndpointAddress, secret: bytes | None = None, **given: Any) -> dict[str, KnownEndpoint]:
    """The senders' view of one endpoint."""
    return {
        address.id: KnownEndpoint(address, secret, given.get("previous_secret"), given.get("previous_until"))
    }
