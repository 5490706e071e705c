"""The county's own rules decide where a referral goes, visibly, and the professional has the last word."""

from typing import Any

import orjson
import pytest
from lahetti.simulators.routing_facts import with_facts
from referral_contracts import systems
from referral_contracts.fhir.validation import PROFILES, validate
from referral_gateway.adapters import tables
from service_runtime.ids import new_id
from support.gateway import NOW, Gateway, bundle, issues, moved, referral_id
from support.gateway_county import KOTKA, county_files


def said(text: str) -> dict[str, str]:
    return {"fi": f"{text} (fi)", "sv": f"{text} (sv)", "en": f"{text} (en)"}


def rule(name: str, when: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "words": said(name), "when": when, "then": then}


TABLE = {
    "pathway": "exercise",
    "version": 7,
    "referrers": [{"channels": ["ehr"]}, {"professions": ["physiotherapist"]}],
    "rules": [
        rule("resources-left", {"target_group": ["active"]}, {"recommend": True}),
        rule("child", {"age": {"to": 6}}, {"advise": said("Ask the family clinic.")}),
        rule("physiotherapist", {"physiotherapist": True}, {"services": ["physiotherapist-counselling"]}),
        rule("high-risk", {"risk": ["high"]}, {"services": ["physiotherapist-counselling"]}),
        rule("low-risk", {"risk": ["low"]}, {"services": ["exercise-counselling", "gym-starter-course"]}),
    ],
    "otherwise": {
        "id": "everybody",
        "words": said("everybody"),
        "then": {"services": ["exercise-counselling"]},
    },
}
KINDS = {
    "kotka": "exercise-counselling",
    "hamina": "exercise-counselling",
    "liikkujat": "physiotherapist-counselling",
}
FILES = county_files(kinds=KINDS) | {"rules/exercise.yaml": orjson.dumps(TABLE).decode()}


@pytest.fixture
async def ruled(gateway: Gateway) -> Gateway:
    """The gateway with the table above in force."""
    files = county_files(kinds=KINDS | {"hamina": "gym-starter-course"})
    response = await gateway.load_county(files | {"rules/exercise.yaml": FILES["rules/exercise.yaml"]})
    assert response.status_code == 200, response.text
    return gateway


def referral(**facts: Any) -> dict[str, Any]:
    return with_facts(bundle(identifier=new_id(), municipality=KOTKA), **facts)


async def provider_of(gateway: Gateway, posted: dict[str, Any]) -> str:
    response = await gateway.post(posted)
    assert response.status_code == 200, response.text
    return (await gateway.routing(referral_id(response))).provider


@pytest.mark.parametrize(
    ("facts", "provider"),
    [
        ({"risk": "low"}, "kotka"),
        ({"risk": "high"}, "liikkujat"),
        ({"risk": "certain"}, "liikkujat"),
        ({"risk": "low", "physiotherapist": True}, "liikkujat"),
        ({"physiotherapist": False}, "kotka"),
        ({}, "kotka"),
        ({"born": None}, "kotka"),
    ],
)
async def test_the_first_rule_that_holds_says_what_kind_of_service(
    ruled: Gateway, facts: dict[str, Any], provider: str
) -> None:
    assert await provider_of(ruled, referral(**facts)) == provider


async def test_the_provenance_names_rule_version_and_inputs_and_holds_no_value(ruled: Gateway) -> None:
    response = await ruled.post(referral(risk="high"))
    found = referral_id(response)
    order = (await ruled.routing(found)).id
    answer = await ruled.get(f"Provenance/{found}", ruled.as_ehr())
    assert answer.status_code == 200
    provenance = answer.json()
    assert validate(provenance, PROFILES["Provenance"]) == []
    (coding,) = provenance["reason"][0]["coding"]
    assert (coding["code"], coding["version"], coding["display"]) == ("high-risk", "7", "high-risk (fi)")
    assert provenance["policy"] == [f"{coding['system']}|7"]
    assert [one["valueCode"] for one in provenance["extension"]] == ["risk"]
    assert [one["reference"] for one in provenance["target"]] == [
        f"ServiceRequest/{found}",
        f"ServiceRequest/{order}",
    ]
    assert provenance["activity"]["coding"][1]["code"] == "rule"
    # As values, whole or from their start: an id may have the same digits by chance.
    words = ("Testinen", '"1978', f'"{KOTKA}"', '"+358', '"high"')
    assert not [word for word in words if word in answer.text]


async def test_the_provenance_is_for_whoever_referred_and_for_nobody_else(ruled: Gateway) -> None:
    found = await ruled.refer(municipality=KOTKA)
    for headers in (
        ruled.as_provider("kotka"),
        ruled.as_page_of("kotka"),
        ruled.as_service(),
        ruled.as_ehr("ehr-writing"),
    ):
        assert (await ruled.get(f"Provenance/{found}", headers)).status_code == 404


async def test_the_answer_tells_the_professional_the_rule_in_their_language_and_each_repeat_the_same(
    ruled: Gateway,
) -> None:
    posted = referral(risk="low")
    for language in ("fi", "sv", "en"):
        headers = ruled.as_ehr() | {"Accept-Language": language}
        first, again = [await ruled.http.post("/fhir", json=posted, headers=headers) for _ in range(2)]
        assert first.content == again.content
        (told,) = [e["response"]["outcome"] for e in first.json()["entry"] if "outcome" in e["response"]]
        (issue,) = told["issue"]
        assert (issue["severity"], issue["code"]) == ("information", "informational")
        assert issue["details"]["coding"][0]["code"] == "routed-by-rule"
        assert f"low-risk ({language})" in issue["details"]["text"]


@pytest.mark.parametrize(
    ("facts", "slug"),
    [
        ({"target_groups": ["active"]}, "recommendation-instead"),
        ({"born": NOW.date().isoformat()}, "returned-with-advice"),
    ],
)
async def test_a_rule_may_turn_a_referral_away_with_its_words_and_nothing_is_stored(
    ruled: Gateway, facts: dict[str, Any], slug: str
) -> None:
    before = await ruled.counts("outbox")
    response = await ruled.post(referral(**facts))
    assert response.status_code == 422
    assert [one[0] for one in issues(response)] == [slug]
    assert "(en)" in response.json()["issue"][0]["details"]["text"]
    assert await ruled.counts("outbox") == before
    assert [event["code"] for event in await ruled.told("referral.refused")] == [slug]


async def test_the_professional_overrides_a_rule_with_a_reason(ruled: Gateway) -> None:
    override = ("physiotherapist-counselling", "Kaatumisia viime aikoina.")
    response = await ruled.post(referral(risk="low", override=override))
    found = referral_id(response)
    assert (await ruled.routing(found)).provider == "liikkujat"
    provenance = (await ruled.get(f"Provenance/{found}", ruled.as_ehr())).json()
    assert provenance["activity"]["coding"][1]["code"] == "override"
    assert provenance["reason"][0]["coding"][0]["code"] == "low-risk"
    assert "rule-overridden" in response.text
    assert "Kaatumisia" not in orjson.dumps(provenance).decode()


async def test_an_override_goes_on_where_the_rule_would_have_turned_away(ruled: Gateway) -> None:
    posted = referral(target_groups=["active"], override=("exercise-counselling", "Toive asiakkaalta."))
    assert await provider_of(ruled, posted) == "kotka"


@pytest.mark.parametrize(
    ("override", "slug", "place"),
    [
        (("massage", "Koska."), "unknown-code", "value"),
        (("exercise-counselling", ""), "required-element", "value.text"),
    ],
)
async def test_an_override_names_a_known_kind_of_service_and_says_why(
    ruled: Gateway, override: tuple[str, str], slug: str, place: str
) -> None:
    response = await ruled.post(referral(override=override))
    assert response.status_code == 422
    ((told, expression),) = issues(response)
    assert told == slug
    assert str(expression).endswith(f"resource.extension[2].{place}")


async def test_who_may_not_refer_is_refused_whatever_the_rules_and_overrides_say(ruled: Gateway) -> None:
    def by_tray(**facts: Any) -> dict[str, Any]:
        posted = referral(**facts)
        request = next(
            e["resource"] for e in posted["entry"] if e["resource"]["resourceType"] == "ServiceRequest"
        )
        for extension in request["extension"]:
            if extension["url"] == systems.CHANNEL_EXTENSION:
                extension["valueCode"] = "tray"
        return posted

    for facts in ({}, {"profession": "nurse"}, {"override": ("exercise-counselling", "Koska.")}):
        response = await ruled.post(by_tray(**facts))
        assert [one[0] for one in issues(response)] == ["referrer-not-allowed"]
    assert (await ruled.post(by_tray(profession="physiotherapist"))).status_code == 200


async def test_a_chosen_service_of_another_kind_than_the_rules_is_told_with_the_rule(ruled: Gateway) -> None:
    posted = with_facts(
        bundle(identifier=new_id(), municipality=KOTKA, performer="kotka-neuvonta"), risk="high"
    )
    response = await ruled.post(posted)
    assert response.status_code == 422
    assert issues(response)[0][0] == "no-candidate"
    assert "kotka: the county's rule high-risk leads to another kind of service." in response.text


async def test_the_provider_is_asked_for_the_kind_of_service_that_the_rule_led_to(ruled: Gateway) -> None:
    found = referral_id(await ruled.post(referral(risk="high")))
    order = await ruled.get(
        f"ServiceRequest/{(await ruled.routing(found)).id}", ruled.as_provider("liikkujat")
    )
    assert [one["code"] for one in order.json()["code"]["coding"]] == ["physiotherapist-counselling"]


async def test_a_re_route_follows_the_rules_in_force_then_and_says_so(ruled: Gateway) -> None:
    found = referral_id(await ruled.post(referral(risk="low")))
    first = await ruled.routing(found)
    table = TABLE | {
        "version": 8,
        "rules": [],
        "otherwise": TABLE["otherwise"] | {"then": {"services": ["physiotherapist-counselling"]}},
    }
    files = county_files(kinds=KINDS) | {"rules/exercise.yaml": orjson.dumps(table).decode()}
    assert (await ruled.load_county(files)).status_code == 200
    await ruled.hear(moved(first, "rejected", releases_quota=True, reroute="automatic"))
    second = await ruled.routing(found)
    assert (second.number, second.provider) == (2, "liikkujat")
    newest = (await ruled.get(f"Provenance/{found}", ruled.as_ehr())).json()
    assert newest["meta"]["versionId"] == "2"
    assert validate(newest, PROFILES["Provenance"]) == []
    assert newest["reason"][0]["coding"][0]["version"] == "8"
    assert newest["target"][1]["reference"] == f"ServiceRequest/{second.id}"
    before = (await ruled.get(f"Provenance/{found}/_history/1", ruled.as_ehr())).json()
    assert before["reason"][0]["coding"][0]["version"] == "7"


async def test_a_changed_table_under_an_old_version_is_not_loaded(ruled: Gateway) -> None:
    changed = TABLE | {"rules": TABLE["rules"][:2]}
    files = county_files(kinds=KINDS) | {"rules/exercise.yaml": orjson.dumps(changed).decode()}
    snapshots = len(await ruled.rows(tables.CountySnapshot))
    response = await ruled.load_county(files)
    assert response.status_code == 422
    assert response.json()["problems"][0]["place"] == "version"
    assert len(await ruled.rows(tables.CountySnapshot)) == snapshots
