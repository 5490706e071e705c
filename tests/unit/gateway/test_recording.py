"""Procedure codes and the ready phrase are the county's data, told to the referrer and to the collector."""

from typing import Any

import orjson
import pytest
from referral_contracts import systems
from referral_contracts.fhir.validation import validate
from service_runtime.ids import new_id
from support.gateway import Gateway, bundle, referral_id
from support.gateway_county import KOTKA, county_files
from support.referrals import standing_alone

CODES = "urn:oid:1.2.246.537.6.9999"  # invented: no code of THL's is verified


def code(act: str, value: str) -> dict[str, Any]:
    names = {"fi": f"{value} (fi)", "sv": f"{value} (sv)", "en": f"{value} (en)"}
    return {"pathway": "exercise", "act": act, "system": CODES, "code": value, "names": names}


def recorded(*codes: dict[str, Any], phrase: bool = True) -> dict[str, str]:
    files = county_files()
    pathway = orjson.loads(files["pathways/exercise.yaml"])
    if phrase:
        pathway["phrase"] = {"fi": "{pathway} tehty. {county}.", "sv": "{pathway} gjord. {county}."}
    procedures = {"notice": "verify with THL", "codes": list(codes)}
    return files | {
        "pathways/exercise.yaml": orjson.dumps(pathway).decode(),
        "procedures.yaml": orjson.dumps(procedures).decode(),
    }


MADE, GIVEN = code("referral-made", "XAA01"), code("guidance-given", "XAA02")


@pytest.fixture
async def recording(gateway: Gateway) -> Gateway:
    response = await gateway.load_county(recorded(MADE, GIVEN))
    assert response.status_code == 200, response.text
    return gateway


def told(response: Any) -> list[dict[str, Any]]:
    outcomes = [e["response"]["outcome"] for e in response.json()["entry"] if "outcome" in e["response"]]
    return [issue for outcome in outcomes for issue in outcome["issue"]]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_answer_tells_the_code_of_the_referral_made_and_the_phrase_in_both_languages(
    recording: Gateway, language: str
) -> None:
    posted = bundle(identifier=new_id(), municipality=KOTKA, client_name="Salainen, Sirkka")
    headers = recording.as_ehr() | {"Accept-Language": language}
    first, again = [await recording.http.post("/fhir", json=posted, headers=headers) for _ in range(2)]
    assert first.content == again.content
    issues = told(first)
    assert {issue["severity"] for issue in issues} == {"information"}
    codings = [[coding["code"] for coding in issue["details"]["coding"]] for issue in issues]
    assert codings == [["procedure-code", "XAA01"], ["ready-phrase", "fi"], ["ready-phrase", "sv"]]
    assert issues[0]["details"]["coding"][1]["system"] == CODES
    assert f"XAA01 ({language})" in issues[0]["details"]["text"]
    assert issues[1]["details"]["text"].endswith("Liikuntalähete tehty. Esimerkkialue.")
    assert issues[2]["details"]["text"].endswith("Liikuntalähete gjord. Esimerkkialue.")
    assert "Salainen" not in first.text


async def test_a_county_that_gives_nothing_tells_nothing(gateway: Gateway) -> None:
    response = await gateway.load_county(recorded(phrase=False))
    assert response.status_code == 200
    response = await gateway.post(bundle(identifier=new_id(), municipality=KOTKA))
    assert response.status_code == 200
    assert told(response) == []
    answer = await gateway.http.get(asked(referral_id(response)), headers=gateway.as_service())
    assert answer.json() == {"any": False, "recordings": {}}


def asked(*referrals: str) -> str:
    return "/gateway/recordings?" + "&".join(f"referral={one}" for one in referrals)


async def test_the_collector_gets_all_acts_of_a_referral_and_nothing_of_a_person(recording: Gateway) -> None:
    found, unknown = await recording.refer(municipality=KOTKA), new_id()
    answer = await recording.http.get(asked(found, unknown), headers=recording.as_service())
    procedures = [
        {"act": one["act"], "system": CODES, "code": one["code"], "display": one["names"]["fi"]}
        for one in (MADE, GIVEN)
    ]
    phrase = {"fi": "Liikuntalähete tehty. Esimerkkialue.", "sv": "Liikuntalähete gjord. Esimerkkialue."}
    assert answer.json() == {
        "any": True,
        "recordings": {found: {"procedures": procedures, "phrase": phrase}},
    }


async def test_nobody_but_a_service_may_ask_and_only_by_ids(recording: Gateway) -> None:
    found = await recording.refer(municipality=KOTKA)
    for headers in (recording.as_ehr(), recording.as_provider("kotka"), recording.as_staff()):
        assert (await recording.http.get(asked(found), headers=headers)).status_code == 403
    for wrong in ("/gateway/recordings?referral=x", asked(*(new_id() for _ in range(201)))):
        assert (await recording.http.get(wrong, headers=recording.as_service())).status_code == 400


async def test_a_single_resource_answers_the_same_where_it_is_asked_for(recording: Gateway) -> None:
    posted = bundle(identifier=new_id(), municipality=KOTKA)
    headers = recording.as_ehr() | {"Prefer": "return=OperationOutcome"}
    body = standing_alone(posted)
    response = await recording.http.post("/fhir/ServiceRequest", json=body, headers=headers)
    assert response.status_code == 201, response.text
    slugs = [issue["details"]["coding"][0] for issue in response.json()["issue"]]
    assert slugs[0] == {"system": systems.ERROR, "code": "procedure-code"}


async def test_the_codes_are_a_concept_map_from_pathway_and_act(recording: Gateway) -> None:
    answer = await recording.http.get("/fhir/ConceptMap/procedure-codes")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert validate(found, resource_type="ConceptMap") == []
    ((group,), status) = found["group"], found["status"]
    assert (group["source"], group["target"], status) == (systems.PATHWAY, CODES, "active")
    (element,) = group["element"]
    assert element["code"] == "exercise"
    acts = {one["dependsOn"][0]["value"]: one["code"] for one in element["target"]}
    assert acts == {"referral-made": "XAA01", "guidance-given": "XAA02"}


async def test_a_county_without_codes_has_an_empty_map_that_says_to_verify(gateway: Gateway) -> None:
    found = (await gateway.http.get("/fhir/ConceptMap/procedure-codes")).json()
    assert (found["status"], "group" in found) == ("draft", False)
    assert "verify with THL" in found["description"]
    assert (await gateway.http.get("/fhir/ConceptMap/others")).status_code == 404
