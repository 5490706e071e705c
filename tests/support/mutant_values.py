"""What mutants are given in place of what was there: other types, codes, dates and references; good ones too,
since a validator that refuses everything would agree with every bad mutant."""

import json
from typing import Any

from hypothesis import strategies as st
from support.examples import ROOT

_OURS = {
    system["url"]: [concept["code"] for concept in system["concept"]]
    for path in sorted((ROOT / "fhir-profiles" / "resources").glob("CodeSystem-*.json"))
    for system in [json.loads(path.read_text())]
}
_THEIRS = {
    "http://terminology.hl7.org/CodeSystem/v3-ActCode": ["OPTIN", "OPTOUT", "IDSCL", "NOPP"],
    "http://terminology.hl7.org/CodeSystem/consentscope": ["patient-privacy", "research", "treatment"],
    "http://terminology.hl7.org/CodeSystem/v3-ActReason": ["HTEST", "TREAT"],
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType": ["IRCP", "PRCP"],
    "http://hl7.org/fhir/CodeSystem/task-code": ["fulfill", "abort", "approve"],
    "http://terminology.hl7.org/CodeSystem/subscription-channel-type": ["rest-hook", "email", "websocket"],
}
SYSTEMS: dict[str, list[str]] = _OURS | _THEIRS

_PLAIN_CODES = (
    # Request, Task, Consent and Endpoint statuses, intents, priorities
    *("draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown", "requested"),
    *("received", "accepted", "rejected", "ready", "cancelled", "in-progress", "failed", "proposed"),
    *("inactive", "suspended", "error", "off", "test", "proposal", "plan", "order", "filler-order"),
    *("option", "routine", "urgent", "asap", "stat", "permit", "deny"),
    # uses and systems of names, numbers and addresses; genders
    *("usual", "official", "temp", "nickname", "home", "work", "mobile", "old", "phone", "email", "sms"),
    *("male", "female", "other", "professional", "client", "no-such-code", "Active", "active ", "", "ä"),
)
_ELSEWHERE = ("https://ehr.example.org/codes", "urn:oid:1.2.246.537.6.1", "http://snomed.info/sct")
TYPES = (
    *("Patient", "Practitioner", "PractitionerRole", "Organization", "HealthcareService", "Consent"),
    *("ServiceRequest", "Task", "RelatedPerson", "Device", "Observation", "Location"),
)


@st.composite
def other_types(draw: st.DrawFn, value: Any) -> Any:
    """Values of another JSON type than `value`; for a text mostly other texts."""
    if isinstance(value, str) and draw(st.integers(0, 9)) < 7:
        texts = st.text(
            st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=40
        )
        return draw(texts | st.sampled_from([value + " x", "Ö " + value, "ö" * 9000]))
    wrong = [7, -1, 1.5, True, "tekstiä", "  x", "", {}, [], None, [value], {"text": "x"}, {"value": value}]
    return draw(st.sampled_from([one for one in wrong if type(one) is not type(value) or one in ("", "  x")]))


def another_code(value: str) -> st.SearchStrategy[str]:
    """Codes for an element that is a code by itself."""
    return st.sampled_from([one for one in _PLAIN_CODES if one != value])


def another_coding(coding: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Codings beside `coding`: of the same system, of another, with parts missing, of no known system."""
    siblings = SYSTEMS.get(coding.get("system", ""), [])
    same = [{**coding, "code": code} for code in siblings if code != coding.get("code")]
    spoilt = [
        {**coding, "code": "no-such-code"},
        {**coding, "code": str(coding.get("code", "x")).upper()},
        {key: part for key, part in coding.items() if key != "system"},
        {key: part for key, part in coding.items() if key != "code"},
        {"display": "jotakin muuta"},
        *({"system": system, "code": "x1"} for system in _ELSEWHERE),
    ]
    foreign = [{"system": system, "code": codes[0]} for system, codes in SYSTEMS.items()]
    return st.one_of(st.sampled_from(part) for part in (same, same, spoilt, foreign) if part)


@st.composite
def dates(draw: st.DrawFn) -> str:
    """Dates and times, right and wrong in each part."""
    year = draw(st.sampled_from(["2026", "1957", "2000", "26", "0000", "02026"]) | st.just("2026"))
    month = draw(st.sampled_from(["01", "02", "12", "00", "13", "2"]) | st.just("03"))
    day = draw(st.sampled_from(["01", "28", "29", "30", "31", "00", "32", "7"]) | st.just("15"))
    clock = draw(st.sampled_from(["10:25:00", "23:59:59", "24:00:00", "10:25", "10:61:00", "10:25:00.123"]))
    zone = draw(st.sampled_from(["+02:00", "Z", "-11:30", "", "+2", "+15:00", "z"]) | st.just("+03:00"))
    date = f"{year}-{month}-{day}"
    shapes = [
        year,
        f"{year}-{month}",
        date,
        f"{date}T{clock}{zone}",
        f"{date} {clock}",
        f"{day}.{month}.{year}",
    ]
    return draw(st.sampled_from([*shapes[:4], *shapes[2:4], *shapes]))


def references(given: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """References in place of `given`: to each type, in each form, to nothing at all."""
    named = [{"reference": f"{kind}/1"} for kind in TYPES]
    logical = {"identifier": {"system": "https://ehr.example.org/unit", "value": "1"}}
    right = [
        {**given, "display": "Näyttönimi"},
        {**given, "reference": str(given.get("reference", "Patient/1")) + "/_history/2"},
        {"reference": "https://ehr.example.org/fhir/" + str(given.get("reference", "Patient/1"))},
        {**logical, "display": "Näyttönimi"},
        logical,
        {"display": "Näyttönimi"},
    ]
    wrong = [
        *({"reference": text} for text in ("#nowhere", "Nonsense/1", "patient/1", "Patient/", "12", "")),
        {**given, "type": "Device"},
        {**given, "typo": "x"},
        {},
    ]
    return st.sampled_from([*named, *right, *right, *wrong])


def enriched(value: Any, *, top: bool = True) -> Any:
    """`value` with what R4 lets stand in any element: an id, somebody else's extensions, displays. To lose
    one of these, or to have it otherwise, is mostly harmless."""
    if isinstance(value, list):
        return [enriched(part, top=False) for part in value]
    if not isinstance(value, dict) or "url" in value or "resourceType" in value:
        return value
    rich = {key: enriched(part, top=False) for key, part in value.items()}
    if "reference" in value or "code" in value:
        rich.setdefault("display", "Näyttönimi")
    foreign = {"url": "https://vendor.example.org/more", "valueString": "lisätieto"}
    own = {"id": "part-1"} if top else {}
    return {**own, "extension": [foreign, foreign | {"valueString": "toinen"}], **rich}
