"""`lahetti keys` and `lahetti clients`: what they change, and what they ask of the installation."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from lahetti.__main__ import run
from lahetti.state import StateFolder
from service_runtime.tokens import TokenSigner, TokenVerifier, generate_keys
from service_runtime.tokens.keys import read_keys
from service_runtime.web.problems import Problem
from support.smart_client import key_set, new_key


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    state = StateFolder(tmp_path)
    state.make()
    generate_keys(state.keys)
    return state


def call(capsys: pytest.CaptureFixture[str], folder: StateFolder, *arguments: str) -> tuple[int, Any, str]:
    code = run([*arguments, "--state", str(folder.path), "--json"])
    captured = capsys.readouterr()
    return code, [json.loads(line) for line in captured.out.splitlines()], captured.err


def test_keys_are_rotated_and_the_old_one_dropped(
    folder: StateFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder.keys / "keys.json"
    before = TokenSigner(file).sign(client_id="old", kind="staff", scope="", seconds=60)
    _, [old], _ = call(capsys, folder, "keys", "list")
    code, [new], _ = call(capsys, folder, "keys", "rotate")
    assert (code, new["signs"], new["kid"] != old["kid"]) == (0, True, True)
    _, listed, _ = call(capsys, folder, "keys", "list")
    assert listed == [new, old | {"signs": False}]
    assert TokenVerifier(folder.keys / "jwks.json").verify(before).client_id == "old"
    assert call(capsys, folder, "keys", "drop", new["kid"])[0] == 2
    assert call(capsys, folder, "keys", "drop", "nobody")[0] == 2
    assert call(capsys, folder, "keys", "drop", old["kid"])[0] == 0
    assert [key.kid for key in read_keys(file).keys] == [new["kid"]]
    with pytest.raises(Problem):
        TokenVerifier(folder.keys / "jwks.json").verify(before)


def test_where_there_are_no_keys_the_environment_lacks_something(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, StateFolder(tmp_path), "keys", "rotate")
    assert (code, out) == (3, [])
    assert "keys.json" in err


def test_rotating_a_client_wants_one_place_for_its_keys(
    folder: StateFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "keys-of-client.json"
    file.write_bytes(orjson.dumps(key_set(new_key("ES384", "one"))))
    both = ["--jwks", str(file), "--jwks-url", "https://ehr.example.org/keys"]
    assert call(capsys, folder, "clients", "rotate", "ehr-new", *both)[0] == 2
    assert call(capsys, folder, "clients", "rotate", "ehr-new")[0] == 2
    assert call(capsys, folder, "clients", "rotate", "ehr-new", "--jwks", str(file))[0] == 3, "nothing runs"
