"""What all services of one process share."""

from dataclasses import dataclass, field

from redis.asyncio import Redis

from service_runtime.clock import Clock, SystemClock
from service_runtime.event_log.opening import open_event_log
from service_runtime.event_log.port import EventLog
from service_runtime.health import Health
from service_runtime.metrics import Metrics
from service_runtime.redis_port import open_redis
from service_runtime.settings import RuntimeSettings


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
    """Open what `settings` name; nothing is connected until it is used. The broker sees `client_id`."""
    event_log = open_event_log(
        settings.event_log_url,
        topic_prefix=settings.topic_prefix,
        client_id=client_id,
    )
    return Parts(clock=SystemClock(), event_log=event_log, redis=open_redis(settings.redis_url))
