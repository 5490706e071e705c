"""Reading a county's folder, and refusing one."""

import json
import re

import pytest
from referral_gateway.adapters.county_reading import read_county
from referral_gateway.domain.county import CountyError, CountyProblem
from support.examples import county_files

FILES = county_files()


def problems(changed: dict[str, str]) -> list[CountyProblem]:
    """What is wrong with Kymenlaakso's folder once these files are changed."""
    with pytest.raises(CountyError) as refused:
        read_county(FILES | changed)
    return list(refused.value.problems)


def edited(name: str, old: str, new: str) -> list[CountyProblem]:
    assert old in FILES[name]
    return problems({name: FILES[name].replace(old, new, 1)})


def test_kymenlaakso_is_read() -> None:
    county = read_county(FILES)
    assert (county.id, len(county.municipalities), len(county.agreements)) == ("kymenlaakso", 6, 2)
    assert {code: names.fi for code, names in county.municipalities.items()} == {
        "075": "Hamina",
        "285": "Kotka",
        "286": "Kouvola",
        "489": "Miehikkälä",
        "624": "Pyhtää",
        "935": "Virolahti",
    }
    exercise = county.pathways["exercise"]
    assert len(exercise.reasons) == 9
    assert exercise.reasons["other"].needs_text
    assert county.providers["kotka"].able_to_serve_protected
    assert county.providers["kotka"].counterparts[0].phone == "+358 40 000 0302"
    assert county.endpoints["kotka-test"].test
    assert county.clients["ehr-kymenlaakso"].owns("https://ehr.kymenlaakso.example/fhir/Task/1")
    assert not county.clients["ehr-kymenlaakso"].owns(
        "https://ehr.kymenlaakso.example.evil.example/fhir/Task/1"
    )
    assert not county.clients["ehr-polling"].owns("https://ehr.kymenlaakso.example/fhir/Task/1")


def test_the_same_content_has_the_same_digests_whatever_its_layout() -> None:
    first = read_county(FILES)
    kotka = json.loads(FILES["directory/kotka.json"])
    kotka["entry"].reverse()
    shuffled = dict(reversed(FILES.items())) | {
        "directory/kotka.json": json.dumps(kotka),
        "pathways/exercise.yaml": "# Muistiinpano\n" + FILES["pathways/exercise.yaml"],
    }
    second = read_county(shuffled)
    assert second == first
    assert (second.digest, second.items) == (first.digest, first.items)


def test_a_change_shows_in_the_digest_of_that_item_alone() -> None:
    before = read_county(FILES)
    text = FILES["directory/kotka.json"].replace("+358 5 000 0302", "+358 5 000 0399")
    after = read_county(FILES | {"directory/kotka.json": text})
    assert after.digest != before.digest
    assert {name for name in after.items if after.items[name] != before.items[name]} == {"Organization/kotka"}


def test_every_problem_is_told_with_file_line_place_and_remedy() -> None:
    text = (
        FILES["agreements/exercise.yaml"]
        .replace('["285"]', '["091"]')
        .replace("provider: hamina", "provider: hamin")
    )
    found = problems({"agreements/exercise.yaml": text})
    assert [(one.file, one.line, one.place) for one in found] == [
        ("agreements/exercise.yaml", 8, "parties[0].provider"),
        ("agreements/exercise.yaml", 9, "parties[1].municipalities[0]"),
    ]
    assert all(one.problem and one.remedy for one in found)


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("county.yaml", 'code: "075"', "code: 075", "municipalities[0].code"),
        ("county.yaml", 'code: "285"', 'code: "075"', "municipalities[1].code"),
        ("county.yaml", "sv: Pyttis, ", "", "municipalities[4].names"),
        ("county.yaml", "id: kymenlaakso", "id: Kymenlaakso", "id"),
        ("clients.yaml", "mode: poll", "mode: push", "clients[1].mode"),
        ("clients.yaml", "    base: https://ehr.kymenlaakso.example/fhir\n", "", "clients[0]"),
        ("clients.yaml", "example/fhir", "example/fhir/", "clients[0].base"),
        ("clients.yaml", "id: ehr-polling", "id: ehr-kymenlaakso", "clients[1].id"),
        ("pathways/exercise.yaml", "code: diabetes", "code: overweight", "reasons[2].code"),
        ("pathways/exercise.yaml", "contact: 10", "contact: 4", "clocks.routine"),
        ("pathways/exercise.yaml", "needs: [municipality]", "needs: [address]", "needs[0]"),
        ("agreements/exercise.yaml", "pathway: exercise", "pathway: wellbeing", "pathway"),
        ("agreements/exercise.yaml", '"2023-09-01"', '"2023-09-31"', "valid.from"),
        ("agreements/exercise.yaml", '"2023-09-01"', '"2023-09-01"\n  until: "2023-08-31"', "valid"),
        ("agreements/exercise.yaml", "service: kotka-", "service: hamina-", "parties[1].service"),
        ("agreements/exercise.yaml", "priority: 10", "number: {most: -1, period: year}", "number.most"),
        ("directory/kotka.json", '"id": "kotka"', '"id": "Kotka"', "entry[0].resource.id"),
        (
            "directory/kotka.json",
            '"code": "rest-hook"',
            '"code": "fax"',
            "entry[2].resource.connectionType.code",
        ),
        ("directory/kotka.json", "https://liikunta", "mailto:liikunta", "entry[2].resource.address"),
        ("directory/kotka.json", '"status": "active"', '"status": "sleepy"', "entry[2].resource.status"),
    ],
)
def test_what_does_not_fit_is_told_at_its_place(name: str, old: str, new: str, place: str) -> None:
    found = edited(name, old, new)
    assert place in {one.place for one in found if one.file == name}
    assert all(one.line for one in found if one.file == name)


@pytest.mark.parametrize(
    "line",
    [
        "password: hunter2hunter2",
        "webhook_secret: 'abc'",
        "note: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "note: -----BEGIN EC PRIVATE KEY-----",
        "note: eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.x",
        "base: https://user:word@ehr.example/fhir",
        "authorization: Bearer abcdefgh12345678",
    ],
)
def test_a_literal_secret_is_refused_and_never_repeated(line: str) -> None:
    found = problems({"clients.yaml": FILES["clients.yaml"] + line + "\n"})
    assert any("secret" in one.problem for one in found)
    value = re.split(r":\s*", line, maxsplit=1)[1].strip("'")
    assert all(value not in str(one) for one in found)


def test_a_header_of_an_endpoint_is_refused() -> None:
    found = edited("directory/kotka.json", '"status": "active"', '"status": "active", "header": ["X-Key: 1"]')
    assert "entry[2].resource.header" in {one.place for one in found}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("county.yaml", "id: [\n"),
        ("county.yaml", "id: a\nid: b\n"),
        ("county.yaml", "a: &x [1]\nb: *x\n"),
        ("county.yaml", "!!python/object/apply:os.system ['true']"),
        ("county.yaml", "[" * 5000),
        ("directory/kotka.json", "{"),
        ("directory/kotka.json", "[]"),
        ("directory/place.json", '{"resourceType": "Location", "id": "a"}'),
        (
            "directory/place.json",
            '{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"X"}}]}',
        ),
        ("directory/kotka.json", '{"resourceType": "Bundle"}'),
        ("notes.toml", "a = 1"),
        ("agreements/deeper/x.yaml", "id: 1"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_file(name: str, text: str) -> None:
    assert name in {one.file for one in problems({name: text})}


def without(name: str) -> dict[str, str]:
    return {path: text for path, text in FILES.items() if path != name}


def test_a_folder_without_county_or_with_a_dangling_provider_is_refused() -> None:
    for name, file in [("county.yaml", "county.yaml"), ("directory/kotka.json", "agreements/exercise.yaml")]:
        with pytest.raises(CountyError) as refused:
            read_county(without(name))
        assert [one.file for one in refused.value.problems] == [file]


def test_notes_for_people_are_no_data() -> None:
    assert read_county(FILES | {"README.md": "Password: ask Kaarlo."}) == read_county(FILES)
    assert problems({"README.md": "The secret is whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw."})[0].line == 1


def test_an_empty_name_is_refused() -> None:
    assert edited("county.yaml", "fi: Kotka", "fi: ''")[0].place == "municipalities[1].names.fi"
