"""Who calls: what a verified token says."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["ehr", "provider", "service", "staff"]
KINDS: frozenset[str] = frozenset(get_args(Kind))


@dataclass(frozen=True, slots=True)
class Act:
    """For whom a service reads: a provider's page, one Task, one session."""

    provider: str
    task: str
    session: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A client with a valid token. `scopes` holds single permissions such as `system/Task.u`.

    For kind `provider` the client id is the provider's Organization id.
    """

    client_id: str
    kind: Kind
    scopes: frozenset[str]
    act: Act | None
    jti: str
    issued: float = 0.0
    """When the token was made, in seconds since 1970."""

    def may(self, permission: str) -> bool:
        """Whether the token grants `permission` (one letter, such as `system/Task.u`)."""
        return permission in self.scopes
