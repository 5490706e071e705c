"""Procedure codes and phrases in a county's folder: read, or refused with file, line, place and remedy."""

from pathlib import Path

import orjson
import pytest
from lahetti.commands.county import county_files as folder_files
from referral_gateway.adapters.county_reading import read_county
from referral_gateway.domain.county import CountyError
from support.gateway_county import county_files

COUNTIES = Path(__file__).resolve().parents[3] / "counties"
FILES = county_files()
MAP = """\
notice: verify with THL
codes:
  - pathway: exercise
    act: referral-made
    system: urn:oid:1.2.246.537.6.9999
    code: "XAA01"
    names: {fi: suomeksi, sv: på svenska, en: in English}
"""
SECOND = MAP.partition("codes:\n")[2]


def problems(files: dict[str, str]) -> list[tuple[str, int | None, str]]:
    """(file, line, place) of everything that is wrong, each with a remedy."""
    with pytest.raises(CountyError) as refused:
        read_county(FILES | files)
    assert all(one.remedy for one in refused.value.problems)
    return [(one.file, one.line, one.place) for one in refused.value.problems]


def test_codes_are_read_into_their_pathway() -> None:
    recording = read_county(FILES | {"procedures.yaml": MAP}).pathways["exercise"].recording
    [one] = recording.of("referral-made")
    assert (one.code, one.names.sv) == ("XAA01", "på svenska")
    assert recording.of("guidance-given") == []
    assert not read_county(FILES).pathways["exercise"].recording


@pytest.mark.parametrize(
    ("old", "new", "line", "place"),
    [
        ("pathway: exercise", "pathway: swimming", 3, "codes[0].pathway"),
        ("act: referral-made", "act: phoned", 4, "codes[0].act"),
        ("system: urn:oid:1.2.246.537.6.9999", "system: THL", 5, "codes[0].system"),
        ('code: "XAA01"', "code: 17", 6, "codes[0].code"),
        ('code: "XAA01"', 'code: "X AA"', 6, "codes[0].code"),
        (", en: in English", "", 7, "codes[0].names"),
        ("    act: referral-made\n", "", 3, "codes[0]"),
        ("notice: verify with THL\n", "", 1, ""),
        (SECOND, SECOND + SECOND, 8, "codes[1]"),
    ],
)
def test_a_map_with_a_fault_is_refused_at_its_line(old: str, new: str, line: int, place: str) -> None:
    assert old in MAP
    assert problems({"procedures.yaml": MAP.replace(old, new)}) == [("procedures.yaml", line, place)]


@pytest.mark.parametrize(
    "phrase",
    [
        {"fi": "Lähete tehty."},
        {"fi": "Lähete tehty.", "sv": ""},
        {"fi": "{name} ohjattu.", "sv": "Hänvisad."},
        {"fi": "{0.__class__}", "sv": "Hänvisad."},
        {"fi": "{pathway", "sv": "Hänvisad."},
        {"fi": "x" * 501, "sv": "Hänvisad."},
    ],
)
def test_a_phrase_holds_no_other_placeholder_than_those_of_the_county(phrase: dict[str, str]) -> None:
    pathway = orjson.loads(FILES["pathways/exercise.yaml"]) | {"phrase": phrase}
    [(file, _, place)] = problems({"pathways/exercise.yaml": orjson.dumps(pathway).decode()})
    assert file == "pathways/exercise.yaml"
    assert place.startswith("phrase")


@pytest.mark.parametrize("county", sorted(path.name for path in COUNTIES.iterdir() if path.is_dir()))
def test_the_map_that_ships_is_empty_and_says_with_whom_to_verify(county: str) -> None:
    files = folder_files(COUNTIES / county)
    assert "notice: verify with THL\ncodes: []" in files["procedures.yaml"]
    assert all(not one.recording.procedures for one in read_county(files).pathways.values())


def test_the_lifestyle_pathway_has_a_phrase_in_finnish_and_swedish() -> None:
    phrase = read_county(folder_files(COUNTIES / "kymenlaakso")).pathways["lifestyle"].recording.phrase
    assert phrase is not None
    assert phrase.fi.startswith("Elintapaohjaus: ")
    assert phrase.sv.startswith("Levnadsvanehandledning: ")
    assert "{" not in phrase.fi + phrase.sv
