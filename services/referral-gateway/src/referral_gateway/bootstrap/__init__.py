"""The composition root of the gateway: the only place that constructs."""

from pathlib import Path

from referral_contracts import operation_outcome
from service_runtime.database import migrations
from service_runtime.parts import Parts
from service_runtime.redis_port import RateLimits
from service_runtime.service import Service
from service_runtime.tokens import TokenVerifier
from service_runtime.web.app import create_app
from service_runtime.web.client_limits import ClientLimits

from referral_gateway.bootstrap.base import NAME, SCHEMA, open_base
from referral_gateway.bootstrap.figures import watch
from referral_gateway.bootstrap.loops import roles
from referral_gateway.bootstrap.routes import routers
from referral_gateway.settings import Settings

__all__ = ["NAME", "SCHEMA", "build", "migrate", "pending_migrations"]

_MIGRATIONS = Path(__file__).parent.parent / "migrations"


async def migrate(settings: Settings) -> None:
    """Bring the gateway's tables to the newest revision."""
    await migrations.migrate(settings.database_url, SCHEMA, _MIGRATIONS)


async def pending_migrations(settings: Settings) -> bool:
    """Whether `migrate` has something to do."""
    return await migrations.pending(settings.database_url, SCHEMA, _MIGRATIONS)


async def build(settings: Settings, parts: Parts) -> Service:
    """The gateway, ready to run in one process or several. Nothing is consumed or published before a role
    runs.
    """
    base = await open_base(settings, parts)
    app = create_app(
        service=NAME,
        routers=routers(settings, parts, base),
        health=parts.health,
        tokens=TokenVerifier(settings.jwks_file, clock=parts.clock),
        render_problem=operation_outcome.render,
        max_body_bytes=settings.max_body_bytes,
        metrics=parts.metrics,
        limits=ClientLimits(RateLimits(parts.redis), settings.client_requests_per_second),
    )
    watch(parts, base)
    return Service(NAME, app, roles(parts, base), base.ground.close)
