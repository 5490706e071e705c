"""The notifier's settings: `LAHETTI_NOTIFIER_<FIELD>`, or `LAHETTI_<FIELD>` for those that all services
share."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, model_validator
from service_runtime.delivery import schedule
from service_runtime.settings import RuntimeSettings

Delays = tuple[float, ...]


class Settings(RuntimeSettings):
    """Durations are seconds. The schedules' reasons are told with their defaults."""

    environment_name: ClassVar[str] = "NOTIFIER"

    webhook_delays: Delays = Field(default=schedule.WEBHOOK, min_length=1)
    email_delays: Delays = Field(default=schedule.EMAIL, min_length=1)
    floor_seconds: float = Field(default=60.0, ge=0)
    """Least pause after a timeout, a 503, or a 429 that names no time."""
    fault_seconds: float = Field(default=5.0, gt=0)
    """Pause after a fault of our own."""
    stalled_after_seconds: float = Field(default=600.0, ge=0)
    """When a fault of our own that holds up a delivery becomes a person's business."""

    concurrency: int = Field(default=128, ge=1)
    """Attempts under way at once in one dispatcher."""
    concurrency_per_endpoint: int = Field(default=16, ge=1)
    full_rate_per_second: float = Field(default=16.0, gt=0)
    """The rate at one endpoint that the first 429 halves; back there, an endpoint has no limit again."""
    ease_seconds: float = Field(default=60.0, gt=0)
    """How long a lowered rate holds before it is doubled: a minute, so that a receiver that is slow for an
    hour is asked for more sixty times and not at each second."""
    delivery_lease_seconds: float = Field(default=45.0, gt=0)
    """Must be well over `http_total_seconds` and `smtp_seconds`."""
    http_connect_seconds: float = Field(default=3.0, gt=0)
    http_total_seconds: float = Field(default=15.0, gt=0)

    smtp_host: str = "localhost"
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_authorities_file: Path | None = None
    """Certificates to trust instead of the system's, for a mail server with a certificate of the house."""
    smtp_user: str | None = None
    smtp_password_file: Path | None = None
    smtp_seconds: float = Field(default=15.0, gt=0)
    mail_from: str = "lahetti@example.org"

    secret_overlap_seconds: float = Field(default=86_400.0, ge=0, le=7 * 86_400)
    """How long the secret before the newest one still signs, so that a receiver can change over."""

    @model_validator(mode="after")
    def _leases_outlast_attempts(self) -> "Settings":
        if self.delivery_lease_seconds * 0.8 <= max(self.http_total_seconds, self.smtp_seconds):
            raise ValueError("delivery_lease_seconds must be well over the time limits of an attempt")
        return self
