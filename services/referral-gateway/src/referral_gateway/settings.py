"""The gateway's settings: what every service has, read from `LAHETTI_` and `LAHETTI_GATEWAY_` variables."""

from typing import ClassVar

from pydantic import Field
from service_runtime.settings import RuntimeSettings


class Settings(RuntimeSettings):
    """What the gateway needs beside the runtime's."""

    environment_name: ClassVar[str] = "GATEWAY"

    database_connections: int = Field(default=10, gt=0, le=100)
    """How many connections one process opens for writing; half as many more read."""
    private_key_addresses: bool = False
    """Whether a client's `jwks_url` may lie in this network, or be http: for tests and closed networks."""
    token_attempts_per_minute: int = Field(default=300, gt=0)
    """How many attempts to get or revoke a token are looked at in the name of one client."""
