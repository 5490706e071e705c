"""The runtime's own refusals; rendered by the same renderer as those of the services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

STATUSES: Mapping[str, int] = {
    "token-missing": 401,
    "token-invalid": 401,
    "token-expired": 401,
    "token-revoked": 401,
    "scope-missing": 403,
    "caller-not-allowed": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "request-timeout": 408,
    "body-too-large": 413,
    "unsupported-media-type": 415,
    "patch-media-type": 415,
    "form-media-type": 415,
    "compressed-body": 415,
    "invalid-parameter": 400,
    "unreadable-request": 400,
    "malformed-json": 400,
    "version-malformed": 400,
    "invalid-value": 422,
    "too-many-requests": 429,
    "internal": 500,
    "unavailable": 503,
}
"""The HTTP status of each; a test holds them equal to the catalogue of the contracts."""


@dataclass(frozen=True, slots=True)
class ProblemIssue:
    """One thing that is wrong, in the shape that the renderer reads. `params` holds codes and ids only."""

    slug: str
    expression: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict[str, str])


class Problem(Exception):  # noqa: N818  # it is what the other side is told, not what broke here
    """A refusal: `slug` names it, `expression` the place, `params` fill its text, `headers` go with it."""

    def __init__(
        self, slug: str, *expression: str, headers: Mapping[str, str] | None = None, **params: str
    ) -> None:
        super().__init__(slug)
        self.slug = slug
        self.issues: Sequence[ProblemIssue] = (ProblemIssue(slug, expression, params),)
        self.headers: Mapping[str, str] = headers or {}

    @property
    def http_status(self) -> int:
        return STATUSES[self.slug]
