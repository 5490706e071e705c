"""`lahetti migrate SERVICE`: brings a service's database to its newest schema."""

import asyncio
import importlib
from enum import StrEnum
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from lahetti.commands.options import AsJson
from lahetti.output import print_json, say
from lahetti.refusals import BAD_INPUT, ENVIRONMENT_MISSING, Refused


class ServiceName(StrEnum):
    """The services that have a database."""

    GATEWAY = "referral-gateway"
    NOTIFIER = "provider-notifier"
    COLLECTOR = "outcome-collector"


Service = Annotated[ServiceName, typer.Argument(help="Whose database.")]


def migrate(service: Service, as_json: AsJson = False) -> None:
    """Migrate SERVICE's database, by LAHETTI_* in the environment; harmless where it is up to date."""
    package = service.value.replace("-", "_")
    bootstrap: Any = importlib.import_module(f"{package}.bootstrap")
    settings: Any = importlib.import_module(f"{package}.settings")
    try:
        read = settings.Settings()
    except ValidationError as error:
        raise Refused(*_setting_lines(error), exit_code=BAD_INPUT) from None
    changed = asyncio.run(_migrate(bootstrap, read))
    if as_json:
        print_json({"service": service.value, "migrated": changed})
    else:
        say(f"{service.value}: {'migrated' if changed else 'already up to date'}")


async def _migrate(bootstrap: Any, settings: Any) -> bool:
    try:
        pending = await bootstrap.pending_migrations(settings)
        await bootstrap.migrate(settings)
    except OSError as error:
        raise Refused(
            f"the database does not answer ({error.strerror or 'connection failed'}): is it running, and is"
            " LAHETTI_DATABASE_URL right?",
            exit_code=ENVIRONMENT_MISSING,
        ) from None
    return bool(pending)


def _setting_lines(error: ValidationError) -> list[str]:
    return [
        f"LAHETTI_{'_'.join(map(str, one['loc'])).upper()}: {one['msg'].lower()}"
        for one in error.errors(include_input=False)
    ]
