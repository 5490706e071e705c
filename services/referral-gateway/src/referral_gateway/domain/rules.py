"""A pathway's criteria as a decision table: from what is known of a referral to what it leads to (D11, D17,
D33)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from referral_gateway.domain.texts import Texts

Input = Literal[
    "age", "reasons", "municipality", "risk", "physiotherapist", "diagnoses", "target-group"
]  # fmt: skip
Risk = Literal["low", "moderate", "high"]
Act = Literal["services", "instead", "recommend", "advise"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a referral says of that which rules ask for. None, or an empty set, is what it does not say.

    `age` is in full years. `physiotherapist`: the client needs a physiotherapist's skill; `diagnoses`: the
    client is ill already.
    """

    age: int | None = None
    reasons: frozenset[str] = frozenset()
    municipality: str | None = None
    risk: Risk | None = None
    physiotherapist: bool | None = None
    diagnoses: bool | None = None
    target_groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class When:
    """A rule's condition: all that is given must hold. What a referral does not say holds for no condition.

    Ages are full years, both ends included. `any_of` and `all_of` are reasons, `reasons_from` is how many
    there must be at least.
    """

    age_from: int | None = None
    age_to: int | None = None
    any_of: frozenset[str] | None = None
    all_of: frozenset[str] | None = None
    reasons_from: int | None = None
    lives_in: frozenset[str] | None = None
    lives_outside: frozenset[str] | None = None
    risks: frozenset[str] | None = None
    physiotherapist: bool | None = None
    diagnoses: bool | None = None
    target_groups: frozenset[str] | None = None

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The names of what the condition looks at."""
        return tuple(dict.fromkeys(name for name, _ in self._parts(Facts())))

    def holds(self, facts: Facts) -> bool:
        """Whether everything that is asked for is known and so."""
        return all(held for _, held in self._parts(facts))

    def _parts(self, facts: Facts) -> Iterator[tuple[Input, bool]]:
        """Each part that is given, with whether it holds."""
        yield from self._of_the_person(facts)
        yield from self._of_the_need(facts)

    def _of_the_person(self, facts: Facts) -> Iterator[tuple[Input, bool]]:
        age, home = facts.age, facts.municipality
        if self.age_from is not None:
            yield "age", age is not None and age >= self.age_from
        if self.age_to is not None:
            yield "age", age is not None and age <= self.age_to
        if self.lives_in is not None:
            yield "municipality", home in self.lives_in
        if self.lives_outside is not None:
            yield "municipality", home is not None and home not in self.lives_outside
        if self.target_groups is not None:
            yield "target-group", not facts.target_groups.isdisjoint(self.target_groups)

    def _of_the_need(self, facts: Facts) -> Iterator[tuple[Input, bool]]:
        if self.any_of is not None:
            yield "reasons", not facts.reasons.isdisjoint(self.any_of)
        if self.all_of is not None:
            yield "reasons", facts.reasons >= self.all_of
        if self.reasons_from is not None:
            yield "reasons", len(facts.reasons) >= self.reasons_from
        if self.risks is not None:
            yield "risk", facts.risk in self.risks
        if self.physiotherapist is not None:
            yield "physiotherapist", facts.physiotherapist is self.physiotherapist
        if self.diagnoses is not None:
            yield "diagnoses", facts.diagnoses is self.diagnoses


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule leads to, one of four.

    `services`: kinds of HealthcareService, the better one first. `instead`: a referral of another pathway.
    `recommend`: a recommendation in place of a referral (D17). `advise`: the referral comes back with advice.
    """

    services: tuple[str, ...] = ()
    instead: str | None = None
    recommend: bool = False
    advise: Texts | None = None

    @property
    def act(self) -> Act:
        """Which of the four it is."""
        if self.services:
            return "services"
        if self.instead is not None:
            return "instead"
        return "recommend" if self.recommend else "advise"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. `words` tell the professional why. A `sample` line is not yet the county's own:
    it never refuses a referral."""

    id: str
    words: Texts
    when: When
    then: Outcome
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Referrer:
    """Who refers, as far as a county may ask: profession codes, identifiers of the unit, the channel."""

    professions: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    channel: str = "ehr"


NOBODY_TOLD = Referrer()
"""Of whom nothing is known but that their record system posts."""


@dataclass(frozen=True, slots=True)
class MayRefer:
    """One group of professionals who may; what is None is not asked (D33)."""

    professions: frozenset[str] | None = None
    units: frozenset[str] | None = None
    channels: frozenset[str] | None = None

    def includes(self, referrer: Referrer) -> bool:
        """Whether `referrer` is of this group."""
        return (
            (self.professions is None or not self.professions.isdisjoint(referrer.professions))
            and (self.units is None or not self.units.isdisjoint(referrer.units))
            and (self.channels is None or referrer.channel in self.channels)
        )


@dataclass(frozen=True, slots=True)
class RuleTable:
    """The rules of one pathway in their order; the first that holds decides, `otherwise` where none does.

    `referrers` is empty where every professional may refer (D1). `version` grows with each change.
    """

    pathway: str
    version: int
    rules: tuple[Rule, ...]
    otherwise: Rule
    referrers: tuple[MayRefer, ...] = ()

    def accepts(self, referrer: Referrer) -> bool:
        """Whether `referrer` may make this kind of referral."""
        return not self.referrers or any(group.includes(referrer) for group in self.referrers)


@dataclass(frozen=True, slots=True)
class Decision:
    """Which rule decided, and by what. `inputs` are names, never what was said.

    `kind` is the kind of service that the professional asked for in the rule's place, with a reason.
    """

    pathway: str
    version: int
    rule: Rule
    inputs: tuple[Input, ...]
    kind: str | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of service that the referral may go to, the better one first."""
        return (self.kind,) if self.kind is not None else self.rule.then.services


def decide(table: RuleTable, facts: Facts, kind: str | None = None) -> Decision:
    """The decision of `table`: total, and the same for the same facts. `kind` is the professional's override.

    The inputs of `otherwise` are those of all rules: that none held took them all.
    """
    for rule in table.rules:
        if rule.when.holds(facts):
            return Decision(table.pathway, table.version, rule, rule.when.inputs, kind)
    inputs = dict.fromkeys(name for rule in table.rules for name in rule.when.inputs)
    return Decision(table.pathway, table.version, table.otherwise, tuple(inputs), kind)
