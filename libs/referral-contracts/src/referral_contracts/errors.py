"""What is said to whoever sent what cannot be done. Texts are constants; only ids and codes vary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from referral_contracts.error_catalogue import CATALOGUE


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong. `slug` names it in the catalogue, `expression` is the FHIRPath to the place,
    `params` fills the text and holds codes and ids only, never a value about a person."""

    slug: str
    expression: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict[str, str])


class LahettiError(Exception):
    """A refusal with one issue or several; the first one decides the HTTP status."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__(", ".join(issue.slug for issue in issues))
        self.issues: Sequence[Issue] = issues

    @property
    def http_status(self) -> int:
        return CATALOGUE[self.issues[0].slug].http_status

    @property
    def retryable(self) -> bool:
        return all(CATALOGUE[issue.slug].retryable for issue in self.issues)


def refuse(slug: str, *expression: str, **params: str) -> LahettiError:
    """The error of one issue, ready to raise."""
    return LahettiError(Issue(slug, expression, params))
