"""What a county's rules say of one referral: who may make it, where it leads, or why it comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from referral_contracts.errors import Issue

from referral_gateway.domain.county import County
from referral_gateway.domain.facts import facts_of, override_of, referrer_of
from referral_gateway.domain.rules import Act, Decision, Referrer, decide
from referral_gateway.domain.texts import Texts

_REFUSED_AS: Mapping[Act, str] = {
    "instead": "other-pathway-instead",
    "recommend": "recommendation-instead",
    "advise": "returned-with-advice",
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules make of a referral; `decision` is None on a pathway that has none.

    `refusal` says why it goes nowhere, with the rule's words in all languages.
    """

    referrer: Referrer
    decision: Decision | None
    refusal: Issue | None

    @property
    def kinds(self) -> tuple[str, ...] | None:
        """The kinds of service that it may go to; None where every kind will do."""
        return self.decision.kinds if self.decision is not None else None


def rule_on(
    county: County,
    pathway: str,
    request: Mapping[str, Any],
    patient: Mapping[str, Any],
    others: Sequence[Mapping[str, Any]],
    on: date,
) -> Ruling:
    """The ruling on that day over the documents of a referral as they are served (D11, D14, D17, D33)."""
    referrer = referrer_of(request, others)
    known = county.pathways.get(pathway)
    if known is None or known.rules is None:
        return Ruling(referrer, None, None)
    decision = decide(known.rules, facts_of(request, patient, others, on), override_of(request))
    if not known.rules.accepts(referrer):
        return Ruling(referrer, decision, Issue("referrer-not-allowed", (), {"pathway": pathway}))
    return Ruling(referrer, decision, _refusal(county, decision))


def _refusal(county: County, decision: Decision) -> Issue | None:
    """An override goes on to a service, whatever the rule says."""
    rule, then = decision.rule, decision.rule.then
    if decision.kinds:
        return None
    told = then.advise or rule.words
    params = {"rule": rule.id} | in_all_languages("words", told)
    if then.instead is not None:
        params |= in_all_languages("other", county.pathways[then.instead].names)
    return Issue(_REFUSED_AS[then.act], (), params)


def in_all_languages(name: str, told: Texts) -> dict[str, str]:
    """`name` with each language behind it, as the catalogue's templates ask for a county's own words."""
    return {f"{name}_fi": told.fi, f"{name}_sv": told.sv, f"{name}_en": told.en}
