"""The gateway's settings: what every service has, read from `LAHETTI_` and `LAHETTI_GATEWAY_` variables."""

from typing import ClassVar

from pydantic import Field
from service_runtime.settings import RuntimeSettings


class Settings(RuntimeSettings):
    """Beside the runtime's: how many connections one process opens for writing; half as many more read."""

    environment_name: ClassVar[str] = "GATEWAY"

    database_connections: int = Field(default=10, gt=0, le=100)
