"""The settings that every service has; each service adds its own in one frozen subclass."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from service_runtime.scopes import permissions


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("must be an http or https address without query")
    return value.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_base_url)]
"""An absolute http(s) address without a trailing slash."""


class RuntimeSettings(BaseSettings):
    """What any service needs to run. Read from `LAHETTI_<FIELD>`, overridden by `LAHETTI_<SERVICE>_<FIELD>`.

    A subclass sets `environment_name` to its `<SERVICE>`. Durations are seconds.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    environment_name: ClassVar[str] = ""

    database_url: str
    """`sqlite:////abs/file.db` or `postgresql://user:password@host:port/database`."""
    event_log_url: str
    """`sqlite:////abs/events.db` or `kafka://host:port,host:port`."""
    topic_prefix: str = ""
    small_topics: tuple[str, ...] = ("lahetti.tasks.",)
    """Beginnings of the names of topics that are many and hold little each: one partition is enough."""
    topics_managed: Literal["platform", "external"] = "platform"
    """Who creates Kafka's topics. With `external` (Strimzi, or an operator by hand) the platform only checks:
    what has no topic yet waits in the outbox, and `lahetti doctor` says which are missing."""
    redis_url: str = "fake://"
    """`redis://host:port/0`, or `fake://` for a memory of this process only."""
    county: str = "kymenlaakso"
    public_base_url: BaseUrl
    """Where the outside world finds this installation; all absolute addresses come from it."""
    gateway_url: BaseUrl
    """The gateway's address inside the installation."""
    collector_url: BaseUrl
    """The collector's address inside the installation."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    health_port: int = Field(default=0, ge=0, le=65535)
    """Another port for /livez, /readyz and /metrics, answered even while the loop is blocked; 0 = none."""
    key_file: Path = Path("/etc/lahetti/keys.json")
    """The installation's private ES256 keys (a JWK set, mode 0600)."""
    jwks_file: Path = Path("/etc/lahetti/jwks.json")
    """The public halves of the keys that sign tokens."""
    secret_key_file: Path = Path("/etc/lahetti/secret-keys.json")
    """The keys of the secret box (mode 0600)."""
    oidc_issuer: str = ""
    """An outside OpenID Connect issuer whose tokens are taken beside ours, as its tokens name it in `iss`:
    https, or http on this machine; empty for none. It needs `oidc_audience` and `oidc_scope`."""
    oidc_audience: str = ""
    """What its tokens must name in `aud`."""
    oidc_scope: str = ""
    """The most that its tokens may grant, such as `system/Bundle.c system/Task.rs`."""
    oidc_client_claims: tuple[str, ...] = ("client_id", "azp")
    """The claims that may hold the client's id here, the first one that is there counts."""
    oidc_scope_claim: str = "scope"
    oidc_kind_claim: str = ""
    """The claim that says `ehr` or `provider`; empty: every client is an EHR."""
    instance: str = "0"
    """A stable ordinal: consumers of one role that run side by side need different ones."""
    poll_seconds: float = Field(default=1.0, gt=0)
    wakeups: Literal["on", "off"] = "on"
    sweep_seconds: float = Field(default=60.0, gt=0)
    inbox_days: int = Field(default=30, ge=15)
    """How long a service remembers which events it has handled: longer than topics keep them (14 days)."""
    max_body_bytes: int = Field(default=1_048_576, gt=0)
    client_requests_per_second: int = Field(default=1000, ge=0)
    """How many requests one EHR or provider may make at all services together; 0 = any number."""
    consumer_session_seconds: float = Field(default=10.0, gt=0)
    lease_seconds: float = Field(default=10.0, gt=0)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _somebody_makes_the_topics(self) -> Self:
        if self.topics_managed == "external" and not self.event_log_url.startswith("kafka:"):
            raise ValueError("topics_managed=external is for Kafka: an embedded log has nobody else")
        return self

    @model_validator(mode="after")
    def _issuer_is_whole(self) -> Self:
        if not self.oidc_issuer:
            return self
        parts = urlsplit(self.oidc_issuer)
        near = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if not (parts.hostname and (parts.scheme == "https" or near)):
            raise ValueError("oidc_issuer must be an https address")
        if not self.oidc_audience or not permissions(self.oidc_scope):
            raise ValueError("oidc_issuer needs oidc_audience and oidc_scope")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        shared = EnvSettingsSource(settings_cls, env_prefix="LAHETTI_")
        if not cls.environment_name:
            return init_settings, shared
        own = EnvSettingsSource(settings_cls, env_prefix=f"LAHETTI_{cls.environment_name}_")
        return init_settings, own, shared
