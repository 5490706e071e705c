"""The collector's settings: `LAHETTI_COLLECTOR_<FIELD>`, or `LAHETTI_<FIELD>` for those that all services
share."""

from typing import ClassVar

from pydantic import Field
from service_runtime.delivery.schedule import WEBHOOK
from service_runtime.settings import RuntimeSettings

WRITE_BACK = (0.0, 2.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 10_800.0, 43_200.0, 86_400.0)
"""Ten attempts over 40 hours: a record system is back within seconds after a restart, and after a night's
or a
day's maintenance at the latest."""


class Settings(RuntimeSettings):
    """Durations are seconds unless their name says otherwise."""

    environment_name: ClassVar[str] = "COLLECTOR"

    single_connections: int = Field(default=20, gt=0, le=100)
    """How many connections one process opens for single statements, which reports and searches are."""
    write_back_delays: tuple[float, ...] = Field(default=WRITE_BACK, min_length=1)
    write_back_lease_seconds: float = Field(default=45.0, gt=0)
    """Must be well over the time of one attempt: a read and a write, a few times."""
    write_back_concurrency: int = Field(default=64, ge=1)
    write_back_concurrency_per_client: int = Field(default=16, ge=1)
    """A county's record system is one machine to be kind to, and has the whole county's referrals."""
    http_connect_seconds: float = Field(default=3.0, gt=0)
    http_total_seconds: float = Field(default=15.0, gt=0)
    fault_seconds: float = Field(default=5.0, gt=0)
    """Pause after a fault of our own."""
    stalled_after_seconds: float = Field(default=600.0, ge=0)
    """When a fault of our own that holds up a write-back becomes a person's business."""

    notification_delays: tuple[float, ...] = Field(default=WEBHOOK, min_length=1)
    """A subscription's notifications go by the schedule of webhooks."""
    notification_floor_seconds: float = Field(default=60.0, ge=0)
    """Least pause after a timeout or 503."""
    notification_concurrency: int = Field(default=64, ge=1)
    notification_concurrency_per_subscription: int = Field(default=16, ge=1)
    most_subscriptions: int = Field(default=10, ge=1)
    """Of one record system: each costs a row for each version of its Tasks."""
    private_subscription_addresses: bool = False
    """For development alone: notifications may go to http and to private addresses."""

    revocation_retry_seconds: float = Field(default=1.0, gt=0)
    """First pause when the gateway cannot be read; doubled each time up to a minute."""

    delivery_overdue_seconds: float = Field(default=300.0, gt=0)
    """When a Task without a delivery is announced again."""
    write_back_overdue_seconds: float = Field(default=300.0, gt=0)
    """When an end that Task A does not show is announced again."""

    page_days: float = Field(default=14.0, ge=0)
    """How many days after its referral has closed a provider's page can still be opened."""
