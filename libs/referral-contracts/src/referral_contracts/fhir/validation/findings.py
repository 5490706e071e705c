"""What a validation finds, as it is found: each thing once, and no more than are told."""

from referral_contracts.errors import Issue
from referral_contracts.fhir.validation.refined import RULES
from referral_contracts.operation_outcome import MOST_ISSUES

_OF_CODES = frozenset({"unknown-code", "unknown-pathway"})
"""What an element is refused as that has not the codes that it must have."""


class EnoughError(Exception):
    """As many faults are known as are told; looking for more would only cost."""


class Findings:
    """Collects issues: each slug once at each place, at most fifty (then EnoughError)."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self._known: set[tuple[str, str]] = set()
        self._places: set[str] = set()
        self._doubts: list[str] = []

    def add(self, slug: str, place: str, **params: str) -> None:
        """Take up that `slug` is true of `place` (FHIRPath)."""
        if (slug, place) in self._known:
            return
        self._known.add((slug, place))
        self._places.add(place)
        self.issues.append(Issue(slug, (place,), params))
        if len(self.issues) == MOST_ISSUES:
            raise EnoughError

    def broken(self, key: str, place: str) -> None:
        """Take up that what stands at `place` breaks the invariant `key`."""
        slug, below = RULES.get(key, ("invariant", ""))
        self.add(slug, f"{place}.{below}" if below else place, key=key)

    def doubt(self, place: str) -> None:
        """Remember that no code system has the code of the Coding at `place`."""
        self._doubts.append(place)

    def settle(self) -> None:
        """Take up the codes that were doubted, each unless its element was refused for its codes already."""
        for place in self._doubts:
            concept = place.rpartition(".coding")[0]
            holders = {place, concept, concept.rpartition("[")[0]}
            if not holders & {issue.expression[0] for issue in self.issues if issue.slug in _OF_CODES}:
                self.add("unknown-code", f"{place}.code")

    def blame(self, place: str) -> bool:
        """Whether something is wrong at `place` itself."""
        return place in self._places

    def touch(self, place: str) -> bool:
        """Whether something is wrong at `place` or inside it: the unsound is not asked for its meaning."""
        return any(known.startswith(place) for known in self._places)
