"""The composition root of the gateway: the only place that constructs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from referral_contracts import operation_outcome
from service_runtime.database import migrations
from service_runtime.parts import Parts
from service_runtime.service import Service

from referral_gateway.adapters.county_reading import read_county
from referral_gateway.bootstrap.base import NAME, SCHEMA, open_base
from referral_gateway.bootstrap.figures import watch
from referral_gateway.bootstrap.loops import roles
from referral_gateway.bootstrap.routes import routers
from referral_gateway.domain.county import CountyError
from referral_gateway.settings import Settings

__all__ = ["NAME", "SCHEMA", "build", "county_problems", "migrate", "pending_migrations"]

_MIGRATIONS = Path(__file__).parent.parent / "migrations"


def county_problems(files: Mapping[str, str]) -> Sequence[str]:
    """What a load of a county's folder would refuse: a line each with file, line, place, problem and remedy.

    `files` are texts by path inside the folder. Whether a changed table has a new version only the
    installation knows that it is loaded into.
    """
    try:
        read_county(files)
    except CountyError as refused:
        return [str(problem) for problem in refused.problems]
    return []


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
    app = base.ground.app(routers(settings, parts, base), operation_outcome.render)
    watch(parts, base)
    return Service(NAME, app, roles(parts, base), base.close)
