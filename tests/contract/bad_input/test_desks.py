"""What can be wrong at the routes of staff and of the services themselves."""

import json
from typing import Any

import pytest
from support.routes_attempts import MARK, Watch, good
from support.routes_world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")

PIN = "POST /collector/providers/{provider}/pin"
SECRET = "POST /notifier/endpoints/{endpoint}/secret"
LINK = "POST /p/links"
COUNTY = "POST /gateway/county"

FAULTS: dict[str, tuple[str, Any, int]] = {
    "a PIN of letters": (PIN, {"pin": MARK}, 422),
    "a PIN too short": (PIN, {"pin": "12345"}, 422),
    "a PIN too long": (PIN, {"pin": "1" * 13}, 422),
    "a PIN in other digits": (PIN, {"pin": "١٢٣٤٥٦"}, 422),
    "a PIN that is a number": (PIN, {"pin": 123456}, 422),
    "a PIN and more": (PIN, {"pin": "123456", MARK: MARK}, 422),
    "a secret of words": (SECRET, {"secret": MARK}, 422),
    "a secret too short": (SECRET, {"secret": "whsec_QUJD"}, 422),
    "a secret that is a number": (SECRET, {"secret": 5}, 422),
    "a secret and more": (SECRET, {"secret": None, MARK: MARK}, 422),
    "a link to nothing": (LINK, {}, 422),
    "a link to a number": (LINK, {"task": 5}, 422),
    "a link to nobody's Task": (LINK, {"task": MARK}, 404),
    "a link to a Task that is not there": (LINK, {"task": "01900000-0000-7000-8000-000000000000"}, 404),
    "a link and more": (LINK, {"task": MARK, MARK: MARK}, 422),
    "a county of no files": (COUNTY, {}, 422),
    "a county of a text": (COUNTY, {"files": MARK}, 422),
    "files that are no texts": (COUNTY, {"files": {"county.yaml": {"id": MARK}}}, 422),
    "a county and more": (COUNTY, {"files": {}, MARK: MARK}, 422),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_a_desk_does_not_take(watch: Watch, fault: str) -> None:
    route, body, status = FAULTS[fault]
    await watch.refused(good(route, watch.world).saying(body), status)


@pytest.mark.parametrize("nobody", [MARK, "UPPER", "x" * 41, "%00", "%2e%2e%2f", "a%20b"])
async def test_nobody_s_pin_and_secret(watch: Watch, nobody: str) -> None:
    await watch.refused(good(PIN, watch.world).at(f"/collector/providers/{nobody}/pin"), 404)
    await watch.refused(good(SECRET, watch.world).at(f"/notifier/endpoints/{nobody}/secret"), 404)


def county_faults(files: dict[str, str]) -> dict[str, dict[str, str]]:
    """The county's files, each time with one fault."""
    directory = json.loads(files["directory/kotka.json"])
    directory["entry"][0]["resource"]["nickname"] = MARK
    agreement = files["agreements/exercise.yaml"]
    nobody = agreement.replace("provider: kotka", "provider: nobody")
    elsewhere = agreement.replace('"285"', '"091"')
    return {
        "none at all": {},
        "no county.yaml": {name: text for name, text in files.items() if name != "county.yaml"},
        "YAML that is none": {**files, "county.yaml": f"id: [{MARK}\n  - :"},
        "YAML with a tag": {**files, "county.yaml": f"!!python/object:os.system {MARK}"},
        "JSON that is none": {**files, "directory/kotka.json": f'{{"{MARK}'},
        "an unknown element": {**files, "directory/kotka.json": json.dumps(directory)},
        "an unknown setting": {**files, "county.yaml": f"{files['county.yaml']}\nremark: {MARK}\n"},
        "a way out of the folder": {**files, "../../etc/passwd": MARK},
        "a file of another kind": {**files, "directory/kotka.exe": MARK},
        "an agreement with nobody": {**files, "agreements/exercise.yaml": nobody},
        "a municipality of elsewhere": {**files, "agreements/exercise.yaml": elsewhere},
    }


async def loads_nothing(world: World, files: dict[str, str]) -> list[dict[str, Any]]:
    """The problems that the county's load answers; nothing may be stored by it."""
    attempt = good(COUNTY, world)
    before = world.three.stored()
    answer = await attempt.saying({"files": files}).send(world.three.http)
    assert answer.status_code == 422, answer.text
    assert world.three.stored() == before
    return answer.json()["problems"]


async def test_a_county_that_cannot_be_read_is_told_file_by_file(watch: Watch) -> None:
    """No OperationOutcome: whoever loads a county gets each file and place with the remedy (`lahetti county
    load` prints them)."""
    faults = county_faults(good(COUNTY, watch.world).body["files"])
    for fault, files in faults.items():
        problems = await loads_nothing(watch.world, files)
        assert problems, fault
        for problem in problems:
            assert problem["problem"], fault
            assert problem["remedy"], fault
    log = watch.log.getvalue()
    assert log.count('"http.request"') == len(faults)
    assert "http.failed" not in log
    assert MARK not in log
