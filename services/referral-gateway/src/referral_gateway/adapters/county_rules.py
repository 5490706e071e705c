"""Reads a pathway's decision table, and says what in it cannot be."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from referral_gateway.adapters.county_documents import CountyFile, Place
from referral_gateway.domain.county import CountyProblem, Service
from referral_gateway.domain.rules import MayRefer, Outcome, Rule, RuleTable, When
from referral_gateway.domain.texts import Texts


def rule_table(content: Mapping[str, Any]) -> RuleTable:
    """The table of a file that its schema accepts."""
    return RuleTable(
        pathway=content["pathway"],
        version=content["version"],
        rules=tuple(_rule(one) for one in content["rules"]),
        otherwise=_rule(content["otherwise"]),
        referrers=tuple(may_refer(one) for one in content.get("referrers", [])),
    )


def rule_problems(
    file: CountyFile,
    pathways: Mapping[str, Collection[str]],
    municipalities: Collection[str],
    services: Collection[Service],
) -> Iterator[CountyProblem]:
    """What in a table points nowhere, can never be, or refuses by an example.

    `pathways` are the codes of each pathway's reasons. The file is sound by its schema.
    """
    content = file.content
    pathway = content["pathway"]
    if pathway not in pathways:
        yield file.problem(
            ("pathway",), "There is no such pathway.", "Name the id of a file under pathways/."
        )
        return
    kinds = {kind for service in services if pathway in service.pathways for kind in service.kinds}
    places: list[tuple[Place, Mapping[str, Any]]] = [
        (("rules", index), rule) for index, rule in enumerate(content["rules"])
    ]
    places.append((("otherwise",), content["otherwise"]))
    for place, rule in places:
        yield from _condition_problems(
            file, (*place, "when"), rule.get("when", {}), pathways[pathway], municipalities
        )
        yield from _outcome_problems(file, place, rule, pathway, pathways, kinds)
    yield from _order_problems(file, places)


def _condition_problems(
    file: CountyFile,
    place: Place,
    when: Mapping[str, Any],
    reasons: Collection[str],
    municipalities: Collection[str],
) -> Iterator[CountyProblem]:
    age = when.get("age", {})
    if age.get("from", 0) > age.get("to", 130):
        yield file.problem((*place, "age"), "Nobody is of this age.", "Let `from` be at most `to`.")
    for name in ("any", "all"):
        for index, code in enumerate(when.get("reasons", {}).get(name, [])):
            if code not in reasons:
                yield file.problem(
                    (*place, "reasons", name, index),
                    f"`{code}` is not a reason of this pathway.",
                    "Use a code of its file under pathways/.",
                )
    for name, codes in when.get("municipality", {}).items():
        for index, code in enumerate(codes):
            if code not in municipalities:
                yield file.problem(
                    (*place, "municipality", name, index),
                    "The municipality is not of this county.",
                    "Use a code of county.yaml, in quotes.",
                )


def _outcome_problems(
    file: CountyFile,
    place: Place,
    rule: Mapping[str, Any],
    pathway: str,
    pathways: Collection[str],
    kinds: Collection[str],
) -> Iterator[CountyProblem]:
    then, place = rule["then"], (*place, "then")
    for index, kind in enumerate(then.get("services", [])):
        if kind not in kinds:
            yield file.problem(
                (*place, "services", index),
                f"No HealthcareService of this pathway is of the kind `{kind}`.",
                "Give one that type in directory/, or name another kind.",
            )
    instead = then.get("instead")
    if instead == pathway or (instead is not None and instead not in pathways):
        yield file.problem(
            (*place, "instead"),
            "There is no such other pathway.",
            "Name the id of another file under pathways/.",
        )
    if rule.get("sample") and "services" not in then:
        yield file.problem(
            place,
            "An example must not turn a referral away.",
            "Lead it to services, or take `sample` out once the county has decided so.",
        )


def _order_problems(
    file: CountyFile, places: list[tuple[Place, Mapping[str, Any]]]
) -> Iterator[CountyProblem]:
    """Ids that stand twice, and rules behind one that takes all that they would."""
    ids: set[str] = set()
    for place, rule in places:
        if rule["id"] in ids:
            yield file.problem((*place, "id"), f"`{rule['id']}` stands twice.", "Give each its own.")
        ids.add(rule["id"])
    for index, (place, rule) in enumerate(places[:-1]):
        for _, earlier in places[:index]:
            if earlier["when"].items() <= rule["when"].items():
                yield file.problem(
                    place,
                    f"It is never reached: `{earlier['id']}` before it holds whenever it does.",
                    "Put it before that rule, or take it out.",
                )
                break


def _rule(content: Mapping[str, Any]) -> Rule:
    return Rule(
        id=content["id"],
        words=Texts(**content["words"]),
        when=_when(content.get("when", {})),
        then=_outcome(content["then"]),
        sample=content.get("sample", False),
    )


def _when(content: Mapping[str, Any]) -> When:
    age, reasons = content.get("age", {}), content.get("reasons", {})
    home = content.get("municipality", {})
    return When(
        age_from=age.get("from"),
        age_to=age.get("to"),
        any_of=_codes(reasons.get("any")),
        all_of=_codes(reasons.get("all")),
        reasons_from=reasons.get("at_least"),
        lives_in=_codes(home.get("in")),
        lives_outside=_codes(home.get("not_in")),
        risks=_codes(content.get("risk")),
        physiotherapist=content.get("physiotherapist"),
        diagnoses=content.get("diagnoses"),
        target_groups=_codes(content.get("target_group")),
    )


def _outcome(content: Mapping[str, Any]) -> Outcome:
    advice = content.get("advise")
    return Outcome(
        services=tuple(content.get("services", ())),
        instead=content.get("instead"),
        recommend=content.get("recommend", False),
        advise=Texts(**advice) if advice else None,
    )


def may_refer(content: Mapping[str, Any]) -> MayRefer:
    """One group of professionals, of a table or of a party."""
    return MayRefer(
        _codes(content.get("professions")), _codes(content.get("units")), _codes(content.get("channels"))
    )


def _codes(listed: list[str] | None) -> frozenset[str] | None:
    return None if listed is None else frozenset(listed)
