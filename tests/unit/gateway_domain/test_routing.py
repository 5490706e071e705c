"""Which provider a referral goes to, and why not the others."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referral_contracts.error_catalogue import CATALOGUE
from referral_contracts.fhir.consents import Recipients
from referral_gateway.domain.agreements import Number
from referral_gateway.domain.county import County, Endpoint
from referral_gateway.domain.routing import Exclusion, Wanted, candidates, choose, explain, quota_keys
from support.counties import agreement, county, party, provider

DAY = date(2026, 3, 2)
MUNICIPAL = Recipients(kinds=frozenset({"municipality"}))


def wanted(**choices: Any) -> Wanted:
    return replace(Wanted("exercise", DAY, MUNICIPAL, municipality="285"), **choices)


def chosen(place: County, ask: Wanted, full: set[str] | None = None) -> str | None:
    found = choose(candidates(place, ask), full or set())
    return None if found is None else found.provider


def exclusions(place: County, ask: Wanted) -> dict[str, str | None]:
    return {one.provider: one.excluded for one in candidates(place, ask)}


TWO_TOWNS = county(
    [provider("kotka"), provider("kouvola")],
    [agreement("exercise", [party("kotka", "285"), party("kouvola", "286")])],
)


def test_a_referral_goes_to_the_clients_own_municipality() -> None:
    assert chosen(TWO_TOWNS, wanted(municipality="285")) == "kotka"
    assert chosen(TWO_TOWNS, wanted(municipality="286")) == "kouvola"
    assert exclusions(TWO_TOWNS, wanted()) == {"kotka": None, "kouvola": Exclusion.OTHER_MUNICIPALITY}


def test_the_agreement_of_lower_priority_number_is_asked_first_then_by_id() -> None:
    place = county(
        [provider("a"), provider("b"), provider("c")],
        [
            agreement("z", [party("a", "285")], priority=1),
            agreement("y", [party("b", "285")], priority=2),
            agreement("x", [party("c", "285")], priority=2),
        ],
    )
    assert [one.provider for one in candidates(place, wanted())] == ["a", "c", "b"]


def test_nobody_outside_the_permission_is_asked() -> None:
    only_kouvola = Recipients(providers=frozenset({"kouvola"}))
    assert chosen(TWO_TOWNS, wanted(recipients=only_kouvola)) is None
    assert exclusions(TWO_TOWNS, wanted(recipients=only_kouvola))["kotka"] == Exclusion.NOT_PERMITTED


def test_a_provider_that_had_the_referral_is_not_asked_again() -> None:
    place = county([provider("a"), provider("b")], [agreement("x", [party("a", "285"), party("b", "285")])])
    assert chosen(place, wanted()) == "a"
    assert chosen(place, wanted(tried=frozenset({"a"}))) == "b"
    assert chosen(place, wanted(tried=frozenset({"a", "b"}))) is None


def test_an_agreement_holds_on_its_first_and_its_last_day_only() -> None:
    for days, holds in [
        ((DAY, DAY), True),
        ((date(2026, 3, 3), None), False),
        ((date(2020, 1, 1), date(2026, 3, 1)), False),
    ]:
        place = county(
            [provider("a")], [agreement("x", [party("a", "285")], valid_from=days[0], valid_until=days[1])]
        )
        assert (exclusions(place, wanted())["a"] is None) is holds


def test_an_inactive_provider_or_service_is_passed_over() -> None:
    for place in (
        county([provider("a", active=False)], [agreement("x", [party("a", "285")])]),
        county([provider("a")], [agreement("x", [party("a", "285")])], inactive_services=["a-service"]),
    ):
        assert exclusions(place, wanted()) == {"a": Exclusion.INACTIVE}


def test_a_protected_person_goes_only_to_a_provider_that_is_able() -> None:
    place = county(
        [provider("a"), provider("b", able=True)], [agreement("x", [party("a", "285"), party("b", "285")])]
    )
    assert chosen(place, wanted(protected=True)) == "b"
    assert exclusions(place, wanted(protected=True))["a"] == Exclusion.NOT_FOR_PROTECTED


def test_without_a_municipality_only_the_chosen_service_is_asked() -> None:
    """INVARIANT: where somebody lives is not guessed. A guess could tell a protected person's home town."""
    assert chosen(TWO_TOWNS, wanted(municipality=None)) is None
    assert set(exclusions(TWO_TOWNS, wanted(municipality=None)).values()) == {Exclusion.NO_MUNICIPALITY}
    assert chosen(TWO_TOWNS, wanted(municipality=None, service="kouvola-service")) == "kouvola"
    after = wanted(municipality=None, service="kouvola-service", tried=frozenset({"kouvola"}))
    assert chosen(TWO_TOWNS, after) is None


def test_a_chosen_service_is_asked_alone_and_then_the_municipality_decides() -> None:
    place = county([provider("a"), provider("b")], [agreement("x", [party("a", "285"), party("b", "285")])])
    ask = wanted(service="b-service")
    assert exclusions(place, ask) == {"a": Exclusion.NOT_CHOSEN, "b": None}
    assert chosen(place, replace(ask, tried=frozenset({"b"}))) == "a"


def test_a_county_wide_party_serves_everybody() -> None:
    place = county([provider("a")], [agreement("x", [party("a")])])
    assert chosen(place, wanted(municipality=None)) == "a"
    assert chosen(place, wanted(municipality="286")) == "a"


def test_a_test_referral_needs_an_endpoint_for_tests_and_takes_from_no_quota() -> None:
    hook, test = Endpoint("h", "a"), Endpoint("t", "a", test=True)
    numbered = [agreement("x", [party("a", "285")], number=Number(0, "year"))]
    both = county([provider("a")], numbered, endpoints={"h": hook, "t": test})
    [candidate] = candidates(both, wanted(test=True))
    assert (candidate.excluded, candidate.quota) == (None, None)
    only_real = county([provider("a")], numbered, endpoints={"h": hook})
    assert exclusions(only_real, wanted(test=True)) == {"a": Exclusion.NO_TEST_ENDPOINT}
    only_test = county([provider("a")], numbered, endpoints={"t": test})
    assert exclusions(only_test, wanted()) == {"a": Exclusion.NO_ENDPOINT}


def test_a_full_quota_passes_to_the_next_agreement_and_each_reason_is_told() -> None:
    place = county(
        [provider("a"), provider("b"), provider("far")],
        [
            agreement("x", [party("a", "285")], number=Number(1, "year"), priority=1),
            agreement("y", [party("b", "285"), party("far", "286")], number=Number(1, "month"), priority=2),
        ],
    )
    looked_at = candidates(place, wanted())
    assert quota_keys(looked_at) == {"x/2026", "y/2026-03"}
    assert chosen(place, wanted(), {"x/2026"}) == "b"
    assert chosen(place, wanted(), {"x/2026", "y/2026-03"}) is None
    assert explain(looked_at, {"x/2026", "y/2026-03"}) == (("a", "quota-used-up"), ("b", "quota-used-up"))


def test_other_municipalities_are_told_where_there_is_no_nearer_reason() -> None:
    looked_at = candidates(TWO_TOWNS, wanted(municipality="999"))
    assert explain(looked_at) == (("kotka", "other-municipality"), ("kouvola", "other-municipality"))


@pytest.mark.parametrize("exclusion", list(Exclusion))
def test_each_exclusion_has_its_text(exclusion: Exclusion) -> None:
    kind = CATALOGUE[str(exclusion)]
    assert all("a" in text.format(provider="a", rule="r") for text in (kind.fi, kind.sv, kind.en))


names = st.sampled_from(["a", "b", "c", "d"])
codes = st.lists(st.sampled_from(["285", "286"]), unique=True)
numbers = st.none() | st.builds(Number, st.integers(0, 3), st.sampled_from(["month", "year", "agreement"]))


@st.composite
def counties(draw: st.DrawFn) -> County:
    providers = [
        provider(
            name,
            kind=draw(st.sampled_from(["municipality", "parish"])),
            able=draw(st.booleans()),
            active=draw(st.booleans()),
        )
        for name in "abcd"
    ]
    agreements = [
        agreement(
            f"agreement-{index}",
            [
                party(name, *draw(codes), number=draw(numbers))
                for name in draw(st.lists(names, min_size=1, unique=True))
            ],
            number=draw(numbers),
            priority=draw(st.integers(1, 3)),
        )
        for index in range(draw(st.integers(1, 4)))
    ]
    return county(providers, agreements)


asks = st.builds(
    Wanted,
    pathway=st.just("exercise"),
    on=st.dates(date(2025, 1, 1), date(2027, 1, 1)),
    recipients=st.builds(
        Recipients,
        providers=st.frozensets(names),
        kinds=st.frozensets(st.sampled_from(["municipality", "parish"])),
        denied=st.frozensets(names),
    ),
    municipality=st.sampled_from([None, "285", "286"]),
    service=st.none() | names.map(lambda name: f"{name}-service"),
    protected=st.booleans(),
    test=st.booleans(),
    tried=st.frozensets(names),
)


@settings(max_examples=150, deadline=None)
@given(place=counties(), ask=asks, data=st.data())
def test_no_choice_ever_breaks_a_promise(place: County, ask: Wanted, data: st.DataObject) -> None:
    """INVARIANT: never outside the permission, never twice to one provider, never beyond an agreed number,
    never a protected person to one who is not able. Broken, personal data reaches somebody it must not."""
    looked_at = candidates(place, ask)
    full = data.draw(st.frozensets(st.sampled_from(sorted(quota_keys(looked_at)) or ["none"])))
    found = choose(looked_at, full)
    if found is None:
        return
    owner = place.providers[found.provider]
    assert found.provider not in ask.tried | ask.recipients.denied
    assert found.provider in ask.recipients.providers or owner.kind in ask.recipients.kinds
    assert found.quota is None or found.quota.key not in full
    assert not ask.test or found.quota is None
    assert owner.active
    assert owner.able_to_serve_protected or not ask.protected
    assert ask.service in {None, found.service} or (ask.municipality and ask.service[0] in ask.tried)
    served = next(
        p for p in place.agreements[found.agreement].parties if p.provider == found.provider
    ).municipalities
    assert (
        served is None
        or ask.municipality in served
        or (ask.municipality is None and ask.service == found.service)
    )


@settings(max_examples=100, deadline=None)
@given(place=counties(), ask=asks)
def test_every_candidate_is_either_possible_or_explained(place: County, ask: Wanted) -> None:
    looked_at = candidates(place, ask)
    if choose(looked_at) is None:
        assert explain(looked_at) or not looked_at
    assert candidates(replace(place, agreements=dict(reversed(place.agreements.items()))), ask) == looked_at


@settings(max_examples=100, deadline=None)
@given(number=st.integers(0, 5), posts=st.integers(0, 10))
def test_no_more_are_placed_than_the_number_allows(number: int, posts: int) -> None:
    place = county([provider("a")], [agreement("x", [party("a", "285")], number=Number(number, "year"))])
    used: dict[str, int] = {}
    placed = 0
    for _ in range(posts):
        looked_at = candidates(place, wanted())
        full = {
            one.quota.key for one in looked_at if one.quota and used.get(one.quota.key, 0) >= one.quota.most
        }
        found = choose(looked_at, full)
        if found is not None and found.quota is not None:
            used[found.quota.key] = used.get(found.quota.key, 0) + 1
            placed += 1
    assert placed == min(number, posts)
