"""An installation on paper: every service's settings, whichever way the services are then run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from service_runtime.secret_box import AesGcmSecretBox, SecretKeyFileError, generate_secret_keys
from service_runtime.tokens import generate_keys
from service_runtime.tokens.keys import KeyFileError

from lahetti.refusals import ENVIRONMENT_MISSING, Refused
from lahetti.state import StateFolder

HOST = "127.0.0.1"
GATEWAY, NOTIFIER, COLLECTOR = "referral-gateway", "provider-notifier", "outcome-collector"
SHORT_NAMES = {GATEWAY: "GATEWAY", NOTIFIER: "NOTIFIER", COLLECTOR: "COLLECTOR"}
SCHEMAS = {GATEWAY: "gateway", NOTIFIER: "notifier", COLLECTOR: "collector"}

INGRESS: Sequence[tuple[str, str]] = (
    ("/fhir/Task", COLLECTOR),
    ("/fhir/Subscription", COLLECTOR),
    ("/p", COLLECTOR),
    ("/collector", COLLECTOR),
    ("/notifier", NOTIFIER),
)
"""Which service answers below which path; everything else is the gateway's."""


@dataclass(frozen=True)
class Schedule:
    """When failed deliveries and write-backs are tried again; `told` is what people read about it."""

    name: str
    told: str
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])


SHORT_DELAYS = (0.0, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 2.0, 4.0, 8.0, 16.0)
SHORT = Schedule(
    "short",
    "Short retry schedule, so that the demo ends soon: 0.1, 0.2, 0.4, 0.8, 1, 1, 2, 4, 8 and 16 s"
    " (in service: from 5 s to 24 h).",
    {
        NOTIFIER: {
            "webhook_delays": SHORT_DELAYS,
            "email_delays": SHORT_DELAYS,
            "floor_seconds": 0.2,
            "fault_seconds": 0.2,
        },
        COLLECTOR: {
            "write_back_delays": SHORT_DELAYS,
            "notification_delays": SHORT_DELAYS,
            "fault_seconds": 0.2,
        },
    },
)
PRODUCT = Schedule("product", "The product's retry schedule: from 5 s to 24 h.")


@dataclass(frozen=True)
class Blueprint:
    """`ports` are those that the services' apis listen on; the outside world uses `base_url`."""

    folder: StateFolder
    base_url: str
    service_urls: Mapping[str, str]
    ports: Mapping[str, int]
    database_urls: Mapping[str, str]
    event_log_url: str
    redis_url: str
    county: str
    schedule: Schedule
    smtp_port: int | None = None
    topic_prefix: str = ""
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Settings for all services, such as `poll_seconds` or `wakeups`."""

    def values(self, service: str) -> dict[str, Any]:
        """The settings of `service` by field name."""
        keys = self.folder.keys
        values: dict[str, Any] = {
            "database_url": self.database_urls[service],
            "event_log_url": self.event_log_url,
            "topic_prefix": self.topic_prefix,
            "redis_url": self.redis_url,
            "county": self.county,
            "public_base_url": self.base_url,
            "gateway_url": self.service_urls[GATEWAY],
            "collector_url": self.service_urls[COLLECTOR],
            "host": HOST,
            "port": self.ports[service],
            "key_file": keys / "keys.json",
            "jwks_file": keys / "jwks.json",
            "secret_key_file": keys / "secret-keys.json",
        }
        if service == NOTIFIER and self.smtp_port is not None:
            values |= {"smtp_host": HOST, "smtp_port": self.smtp_port, "smtp_security": "none"}
        return values | dict(self.schedule.settings.get(service, {})) | dict(self.more)

    def environment(self, service: str) -> dict[str, str]:
        """The same as environment variables."""
        prefix = f"LAHETTI_{SHORT_NAMES[service]}_"
        return {prefix + name.upper(): _as_text(value) for name, value in self.values(service).items()}

    def make_keys(self) -> None:
        """Make the installation's keys where they are missing; those that are there stay.

        Raises Refused (environment missing) where one is there that cannot be read.
        """
        self.folder.make()
        try:
            generate_keys(self.folder.keys)
            generate_secret_keys(self.folder.keys / "secret-keys.json")
            AesGcmSecretBox(self.folder.keys / "secret-keys.json")
        except (KeyFileError, SecretKeyFileError) as error:
            raise Refused(str(error), exit_code=ENVIRONMENT_MISSING) from None


def _as_text(value: Any) -> str:
    return orjson.dumps(value).decode() if isinstance(value, list | tuple) else str(value)


def sqlite_urls(folder: Path) -> dict[str, str]:
    """One database file a service."""
    return {service: f"sqlite:///{folder / schema}.db" for service, schema in SCHEMAS.items()}
