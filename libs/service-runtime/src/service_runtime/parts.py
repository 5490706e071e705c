"""What all services of one process share."""

from dataclasses import dataclass, field

from redis.asyncio import Redis

from service_runtime import logs
from service_runtime.clock import Clock, SystemClock
from service_runtime.event_log.opening import open_event_log
from service_runtime.event_log.port import EventLog
from service_runtime.health import Health
from service_runtime.metrics import Metrics
from service_runtime.redis_port import open_redis
from service_runtime.settings import RuntimeSettings

EVENT_LOG = "event-log"
REDIS = "redis"


@dataclass(frozen=True)
class Parts:
    """Opened once a process; whoever opened it closes it, after the services."""

    clock: Clock
    event_log: EventLog
    redis: Redis
    health: Health = field(default_factory=Health)
    metrics: Metrics = field(default_factory=Metrics)

    async def close(self) -> None:
        """Close the event log and the connections to Redis."""
        await self.event_log.close()
        await self.redis.aclose()


def open_parts(settings: RuntimeSettings, *, client_id: str = "lahetti") -> Parts:
    """Open what `settings` name; nothing is connected until it is used. The broker sees `client_id`.

    Readiness asks the event log and Redis, metrics tell of the loop and the logs. Raises ValueError where
    an address is of a kind that is not understood.
    """
    event_log = open_event_log(
        settings.event_log_url,
        topic_prefix=settings.topic_prefix,
        client_id=client_id,
        session_seconds=settings.consumer_session_seconds,
        small_topics=settings.small_topics,
        makes_topics=settings.topics_managed == "platform",
    )
    parts = Parts(clock=SystemClock(), event_log=event_log, redis=open_redis(settings.redis_url))
    _report(parts)
    return parts


def _report(parts: Parts) -> None:
    """Both are reported and not required: a process that serves takes referrals into its outbox without the
    event log, and nothing is lost without Redis.
    """

    async def event_log() -> None:
        await parts.event_log.topics()

    async def redis() -> None:
        await parts.redis.ping()

    async def lag() -> float:
        return parts.health.lag

    parts.health.add_check(EVENT_LOG, event_log, required=False)
    parts.health.add_check(REDIS, redis, required=False)
    parts.metrics.at_scrape("lahetti_event_loop_lag_seconds", "How late the event loop last was.", lag)
    logs.count_dropped(
        parts.metrics.counter("lahetti_log_keys_dropped_total", "Keys left out of logs: not on the list.")
    )
