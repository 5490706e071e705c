"""A dry run answers what accepting would do, with reasons, and leaves nothing behind."""

import io
import json
from typing import Any

import httpx
import orjson
import pytest
from lahetti.simulators.routing_facts import with_facts
from referral_contracts.fhir.validation import validate
from referral_gateway.domain.dry_run import PARAMETERS
from service_runtime import logs
from service_runtime.ids import new_id
from support.gateway import Gateway, bundle, issues, referral_id
from support.gateway_county import HAMINA, KOTKA, county_files
from support.profiles_folder import resource

ROUTE = "/fhir/ServiceRequest/$route"
KINDS = {"kotka": "exercise-counselling", "liikkujat": "physiotherapist-counselling"}


def said(text: str) -> dict[str, str]:
    return {"fi": f"{text} (fi)", "sv": f"{text} (sv)", "en": f"{text} (en)"}


TABLE: dict[str, Any] = {
    "pathway": "exercise",
    "version": 2,
    "rules": [
        {
            "id": "high",
            "words": said("high"),
            "when": {"risk": ["high"]},
            "then": {"services": ["physiotherapist-counselling"]},
        },
        {"id": "child", "words": said("child"), "when": {"age": {"to": 6}}, "then": {"recommend": True}},
    ],
    "otherwise": {"id": "rest", "words": said("rest"), "then": {"services": ["exercise-counselling"]}},
}


@pytest.fixture
async def ruled(gateway: Gateway) -> Gateway:
    """Kotka gives counselling to two a year; the association's physiotherapist serves all."""
    files = county_files(kinds=KINDS, numbers={"kotka": 2})
    response = await gateway.load_county(files | {"rules/exercise.yaml": orjson.dumps(TABLE).decode()})
    assert response.status_code == 200, response.text
    return gateway


async def ask(gateway: Gateway, body: Any, language: str = "en") -> httpx.Response:
    headers = gateway.as_ehr() | {"Accept-Language": language}
    return await gateway.http.post(ROUTE, json=body, headers=headers)


def parameters(**given: Any) -> dict[str, Any]:
    named = [
        {"name": name.replace("_", "-"), PARAMETERS[name.replace("_", "-")].value: one}
        for name, values in ({"pathway": "exercise"} | given).items()
        for one in (values if isinstance(values, list) else [values])
    ]
    return {"resourceType": "Parameters", "parameter": named}


def parts(response: httpx.Response, name: str) -> list[dict[str, Any]]:
    """The parts of each parameter of that name; of a part given several times a list."""
    assert response.status_code == 200, response.text
    assert validate(response.json(), resource_type="Parameters") == []
    return [
        {part["name"]: value(part) for part in one["part"]}
        for one in response.json()["parameter"]
        if one["name"] == name
    ]


def value(part: dict[str, Any]) -> Any:
    (held,) = (content for key, content in part.items() if key.startswith("value"))
    return held.get("code") or held.get("reference") if isinstance(held, dict) else held


def candidate(response: httpx.Response, provider: str) -> dict[str, Any]:
    return next(one for one in parts(response, "candidate") if one["provider"] == f"Organization/{provider}")


async def test_every_candidate_is_told_with_what_is_left_and_why(ruled: Gateway) -> None:
    await ruled.refer(municipality=KOTKA)
    answer = await ask(ruled, parameters(municipality=KOTKA, age=40))
    assert {one["provider"] for one in parts(answer, "candidate")} == {
        "Organization/kotka", "Organization/hamina", "Organization/liikkujat",
    }  # fmt: skip
    kotka = candidate(answer, "kotka")
    assert (kotka["chosen"], kotka["available"], kotka["number"], kotka["left"]) == (True, True, 2, 1)
    assert kotka["service"] == "HealthcareService/kotka-neuvonta"
    assert kotka["text"] == "kotka: can take the referral, 1 left."
    assert candidate(answer, "hamina")["reason"] == "other-municipality"
    assert candidate(answer, "liikkujat")["reason"] == "other-kind-of-service"
    (rule,) = parts(answer, "rule")
    assert (rule["id"], rule["version"], rule["kind"]) == ("rest", 2, "exercise-counselling")
    assert not parts(answer, "refusal")


@pytest.mark.parametrize(
    ("language", "words"),
    [("fi", "voi ottaa lähetteen"), ("sv", "kan ta emot remissen"), ("en", "can take the referral")],
)
async def test_the_words_are_in_the_language_asked_for(ruled: Gateway, language: str, words: str) -> None:
    answer = await ask(ruled, parameters(municipality=KOTKA, risk="high"), language)
    assert parts(answer, "rule")[0]["text"] == f"high ({language})"
    assert words in candidate(answer, "liikkujat")["text"]
    assert "high" in candidate(answer, "kotka")["text"]


async def test_a_used_up_number_is_told_and_nobody_is_chosen(ruled: Gateway) -> None:
    for _ in range(2):
        await ruled.refer(municipality=KOTKA)
    answer = await ask(ruled, parameters(municipality=KOTKA))
    assert candidate(answer, "kotka")["reason"] == "quota-used-up"
    assert candidate(answer, "kotka")["left"] == 0
    assert [one["reason"] for one in parts(answer, "refusal")] == ["no-candidate"]
    assert not any(one["chosen"] for one in parts(answer, "candidate"))


async def test_what_a_rule_would_turn_away_is_told(ruled: Gateway) -> None:
    answer = await ask(ruled, parameters(municipality=KOTKA, age=6))
    (refusal,) = parts(answer, "refusal")
    assert refusal["reason"] == "recommendation-instead"
    assert refusal["text"].startswith("child (en)")
    assert not any(one["chosen"] for one in parts(answer, "candidate"))


@pytest.mark.parametrize(
    "facts", [{}, {"risk": "high"}, {"born": None}, {"override": ("physiotherapist-counselling", "x")}]
)
@pytest.mark.parametrize("municipality", [KOTKA, HAMINA, None])
async def test_a_dry_run_says_what_accepting_then_does(
    ruled: Gateway, facts: dict[str, Any], municipality: str | None
) -> None:
    """INVARIANT: the same Bundle, the same answer. A preview that lied would send people the wrong way."""
    posted = with_facts(bundle(identifier=new_id(), municipality=municipality), **facts)
    asked = await ask(ruled, posted)
    accepted = await ruled.post(posted)
    chosen = [one["provider"] for one in parts(asked, "candidate") if one["chosen"]]
    if accepted.status_code == 200:
        assert chosen == [f"Organization/{(await ruled.routing(referral_id(accepted))).provider}"]
    else:
        assert chosen == []


async def test_the_permission_counts_where_it_is_given(ruled: Gateway) -> None:
    only_others = bundle(identifier=new_id(), municipality=KOTKA, recipient_kinds=("association",))
    assert candidate(await ask(ruled, only_others), "kotka")["reason"] == "not-permitted"
    without = bundle(identifier=new_id(), municipality=KOTKA, consent="none")
    answer = await ask(ruled, without)
    assert candidate(answer, "kotka")["chosen"]
    (asked,) = [
        one["valueBoolean"] for one in answer.json()["parameter"] if one["name"] == "permission-asked"
    ]
    assert asked is False


async def test_a_protected_person_without_a_municipality_is_sent_nowhere_by_guess(ruled: Gateway) -> None:
    answer = await ask(ruled, parameters(protected=True))
    assert candidate(answer, "kotka")["reason"] == "municipality-missing"
    chosen = await ask(ruled, parameters(protected=True, service="kotka-neuvonta"))
    assert candidate(chosen, "kotka")["chosen"]


async def test_nothing_is_written_and_nothing_is_logged_about_the_person(ruled: Gateway) -> None:
    person = bundle(
        identifier="R-774411", client_name="Kuulumaton, Nimenomainen", phone="+358 40 000 0777", hetu=True
    )
    with_facts(person, risk="high", override=("exercise-counselling", "Perustelu joka ei kuulu lokiin."))
    before = await ruled.counts()
    stream = io.StringIO()
    logs.configure(service="test", level="debug", stream=stream)
    answers = [
        await ask(ruled, person),
        await ask(ruled, parameters(municipality=KOTKA, age=41, reason=["physical-inactivity"])),
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert await ruled.counts() == before
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    ours = [line for line in lines if line.get("route") == ROUTE]
    assert len(ours) == 2
    known = {
        "at", "level", "service", "method", "route", "status", "ms", "client_id", "caller_kind", "request_id",
        "trace", "event",
    }  # fmt: skip
    assert {key for line in ours for key in line} <= known
    by_chance = {"at", "ms", "request_id", "trace"}  # their digits may hold any short word
    written = json.dumps([{key: line[key] for key in line.keys() - by_chance} for line in lines])
    words = (
        "Kuulumaton",
        "Nimenomainen",
        "0777",
        "R-774411",
        "physical-inactivity",
        "Perustelu",
        "285",
        "high",
    )
    assert not [word for word in words if word in written]


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"resourceType": "Patient"}, 400, "unknown-resource-type"),
        ({"resourceType": "Parameters"}, 422, "required-element"),
        (parameters(pathway="swimming"), 422, "unknown-pathway"),
        (parameters(age=900), 422, "invalid-value"),
        (parameters() | {"parameter": [{"name": "colour", "valueCode": "x"}]}, 422, "unknown-element"),
        (parameters() | {"parameter": [{"name": "pathway", "valueString": "x"}]}, 422, "required-element"),
        (parameters(pathway=["exercise", "exercise"]), 422, "wrong-cardinality"),
    ],
)  # fmt: skip
async def test_what_cannot_be_asked_is_refused(
    ruled: Gateway, body: dict[str, Any], status: int, slug: str
) -> None:
    response = await ask(ruled, body)
    assert (response.status_code, issues(response)[0][0]) == (status, slug)


def test_the_operation_definition_lists_the_parameters_that_are_read() -> None:
    definition = resource("OperationDefinition", "route")
    listed = {one["name"]: (one["type"], one["max"]) for one in definition["parameter"] if one["use"] == "in"}
    assert listed == {
        name: (one.value.removeprefix("value").lower(), "*" if one.many else "1")
        for name, one in PARAMETERS.items()
    }
