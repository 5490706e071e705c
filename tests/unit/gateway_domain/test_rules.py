"""A decision table decides every case, the same way each time, and keeps nothing of the person."""

from dataclasses import fields, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from referral_gateway.domain.rules import (
    Decision,
    Facts,
    MayRefer,
    Outcome,
    Referrer,
    Rule,
    RuleTable,
    When,
    decide,
)
from support.counties import texts

REASONS = ("overweight", "diabetes", "unemployment")
TOWNS = ("205", "290", "620")
GROUPS = ("senior-health-check", "unemployed-health-check")


def maybe(values: Any) -> Any:
    return st.none() | values


def some(names: tuple[str, ...]) -> Any:
    return st.frozensets(st.sampled_from(names), min_size=1)


WHENS = st.builds(
    When,
    age_from=maybe(st.integers(0, 130)),
    age_to=maybe(st.integers(0, 130)),
    any_of=maybe(some(REASONS)),
    all_of=maybe(some(REASONS)),
    reasons_from=maybe(st.integers(1, 4)),
    lives_in=maybe(some(TOWNS)),
    lives_outside=maybe(some(TOWNS)),
    risks=maybe(some(("low", "moderate", "high"))),
    physiotherapist=maybe(st.booleans()),
    diagnoses=maybe(st.booleans()),
    target_groups=maybe(some(GROUPS)),
)
OUTCOMES = st.sampled_from(
    [
        Outcome(services=("exercise-counselling",)),
        Outcome(services=("gym-starter-course", "exercise-counselling")),
        Outcome(instead="wellbeing"),
        Outcome(recommend=True),
        Outcome(advise=texts("Ota yhteyttä terveysasemaan.")),
    ]
)
RULES = st.builds(Rule, id=st.uuids().map(str), words=st.just(texts("x")), when=WHENS, then=OUTCOMES)
TABLES = st.builds(
    RuleTable,
    pathway=st.just("exercise"),
    version=st.integers(1, 99),
    rules=st.lists(RULES, max_size=6).map(tuple),
    otherwise=RULES.map(lambda rule: replace(rule, when=When())),
)
FACTS = st.builds(
    Facts,
    age=maybe(st.integers(0, 120)),
    reasons=st.frozensets(st.sampled_from(REASONS)),
    municipality=maybe(st.sampled_from(TOWNS)),
    risk=maybe(st.sampled_from(("low", "moderate", "high"))),
    physiotherapist=maybe(st.booleans()),
    diagnoses=maybe(st.booleans()),
    target_groups=st.frozensets(st.sampled_from(GROUPS)),
)
NAME_OF = {
    "age": "age", "reasons": "reasons", "municipality": "municipality", "risk": "risk",
    "physiotherapist": "physiotherapist", "diagnoses": "diagnoses", "target_groups": "target-group",
}  # fmt: skip


@given(TABLES, FACTS)
def test_every_case_is_decided_and_the_first_rule_that_holds_decides(table: RuleTable, facts: Facts) -> None:
    """INVARIANT: total, deterministic, first match. A table that fell through would lose a referral."""
    decision = decide(table, facts)
    holding = [rule for rule in table.rules if rule.when.holds(facts)]
    assert decision.rule == (holding[0] if holding else table.otherwise)
    assert decide(table, facts) == decision
    assert (decision.pathway, decision.version) == (table.pathway, table.version)


@given(TABLES, FACTS)
def test_what_is_kept_of_a_decision_depends_on_the_rule_and_on_nothing_of_the_person(
    table: RuleTable, facts: Facts
) -> None:
    """INVARIANT: whoever the same rule decides leaves the same decision: it holds no value of theirs."""
    decision = decide(table, facts)
    whole = table.otherwise == decision.rule
    looked_at = {name for rule in table.rules for name in rule.when.inputs}
    expected = looked_at if whole else set(decision.rule.when.inputs)
    assert decision == Decision(table.pathway, table.version, decision.rule, decision.inputs)
    assert set(decision.inputs) == expected


@given(WHENS, FACTS)
def test_only_the_inputs_that_a_condition_names_change_whether_it_holds(when: When, facts: Facts) -> None:
    unknown = Facts()
    others = [field.name for field in fields(Facts) if NAME_OF[field.name] not in when.inputs]
    stripped = replace(facts, **{name: getattr(unknown, name) for name in others})
    assert when.holds(stripped) == when.holds(facts)


@given(WHENS)
def test_what_is_not_known_satisfies_no_condition(when: When) -> None:
    assert when.holds(Facts()) == (when.inputs == ())


def test_both_ends_of_an_age_count() -> None:
    working_age = When(age_from=18, age_to=65)
    held = {age for age in range(100) if working_age.holds(Facts(age=age))}
    assert held == set(range(18, 66))


def test_the_professionals_choice_takes_the_rules_place_and_the_rule_is_still_told() -> None:
    rule = Rule("no-counselling", texts("x"), When(), Outcome(instead="wellbeing"))
    table = RuleTable("exercise", 2, (), rule)
    assert decide(table, Facts()).kinds == ()
    overridden = decide(table, Facts(), "exercise-counselling")
    assert (overridden.kinds, overridden.rule) == (("exercise-counselling",), rule)


def test_whoever_is_of_one_of_the_groups_may_refer() -> None:
    rule = Rule("all", texts("x"), When(), Outcome(services=("a",)))
    by_ehr = MayRefer(professions=frozenset({"nurse", "physician"}), channels=frozenset({"ehr"}))
    by_unit = MayRefer(units=frozenset({"senior-clinic"}))
    table = RuleTable("exercise", 1, (), rule, (by_ehr, by_unit))
    assert table.accepts(Referrer(frozenset({"nurse"})))
    assert table.accepts(Referrer(units=frozenset({"senior-clinic"}), channel="tray"))
    assert not table.accepts(Referrer(frozenset({"nurse"}), channel="tray"))
    assert not table.accepts(Referrer())
    assert RuleTable("exercise", 1, (), rule).accepts(Referrer())
