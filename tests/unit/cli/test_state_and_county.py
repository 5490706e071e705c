"""The state folder has one holder, and the demo's county is made from the county's own data."""

import json
from pathlib import Path

import pytest
import yaml
from lahetti.commands.county import county_files
from lahetti.demo.demo_county import PROVIDERS, demo_county, endpoint_id
from lahetti.demo.story import DemoClient
from lahetti.refusals import Refused
from lahetti.state import StateFolder, Whereabouts
from referral_gateway.bootstrap import county_problems

KYMENLAAKSO = Path(__file__).resolve().parents[3] / "counties" / "kymenlaakso"
WHEREABOUTS = Whereabouts("http://127.0.0.1:1", "k", "sqlite:////e", "", "fake://", {}, {}, 1)


def test_a_folder_that_is_held_is_refused_to_another(tmp_path: Path) -> None:
    first, second = StateFolder(tmp_path), StateFolder(tmp_path)
    with first.held(), pytest.raises(Refused, match="already runs"), second.held():
        pass
    with StateFolder(tmp_path).held():
        pass


def test_whereabouts_are_there_while_the_folder_is_held_and_gone_afterwards(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    with state.held():
        state.tell(WHEREABOUTS)
        assert StateFolder(tmp_path).find() == WHEREABOUTS
    with pytest.raises(Refused, match="lahetti up"):
        state.find()


def test_keys_and_databases_are_for_their_owner_only(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "new")
    state.make()
    assert (state.path.stat().st_mode & 0o777, state.keys.stat().st_mode & 0o777) == (0o700, 0o700)


@pytest.fixture
def files() -> dict[str, str]:
    addresses = {endpoint_id(provider): f"http://127.0.0.1:9/{provider.id}" for provider in PROVIDERS}
    clients = [DemoClient("ehr-write", "http://127.0.0.1:8/fhir"), DemoClient("ehr-poll", None)]
    return demo_county(county_files(KYMENLAAKSO), addresses, clients)


def test_the_demo_keeps_the_countys_pathway_and_municipalities(files: dict[str, str]) -> None:
    original = county_files(KYMENLAAKSO)
    assert files["county.yaml"] == original["county.yaml"]
    assert files["pathways/exercise.yaml"] == original["pathways/exercise.yaml"]
    assert files["rules/exercise.yaml"] == original["rules/exercise.yaml"]


def test_the_demos_county_is_one_that_loads() -> None:
    addresses = {
        endpoint_id(one): f"mailto:a@{one.id}.example" if one.channel == "email" else "https://a.example"
        for one in PROVIDERS
    }
    made = demo_county(county_files(KYMENLAAKSO), addresses, [DemoClient("ehr-poll", None)])
    assert county_problems(made) == []


def test_every_demo_provider_has_one_endpoint_at_its_simulator(files: dict[str, str]) -> None:
    for provider in PROVIDERS:
        entries = json.loads(files[f"directory/{provider.id}.json"])["entry"]
        endpoints = [e["resource"] for e in entries if e["resource"]["resourceType"] == "Endpoint"]
        assert [(e["id"], e["address"]) for e in endpoints] == [
            (endpoint_id(provider), f"http://127.0.0.1:9/{provider.id}")
        ]


def test_a_number_stands_only_where_a_case_needs_one(files: dict[str, str]) -> None:
    agreements = [yaml.safe_load(files[path]) for path in files if path.startswith("agreements/")]
    numbers = {p["provider"]: p["number"]["most"] for a in agreements for p in a["parties"] if "number" in p}
    assert numbers == {"kotka-liikuntaseura": 1, "miehikkala": 1, "miehikkala-kylayhdistys": 1}


def test_an_ehr_with_a_server_of_its_own_is_written_to_and_one_without_polls(files: dict[str, str]) -> None:
    clients = {client["id"]: client for client in yaml.safe_load(files["clients.yaml"])["clients"]}
    assert (clients["ehr-write"]["mode"], clients["ehr-poll"]["mode"]) == ("write", "poll")
    assert "base" not in clients["ehr-poll"]
