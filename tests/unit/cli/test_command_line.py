"""Whatever is asked of the command, it answers in lines and with the exit code that its help tells."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lahetti.__main__ import run
from lahetti.state import Whereabouts
from service_runtime.tokens import TokenVerifier
from support.command_line import FakeInstallation, installation, lahetti

__all__ = ["installation", "lahetti"]

REFERRAL = "01900000-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["demo", "--fast"],
        ["trace"],
        ["trace", "Aino Testinen"],
        ["clients", "token", "kotka", "--kind", "king"],
        ["clients", "rotate", "kotka"],
        ["clients", "add", "ehr-new", "--name", "Uusi", "--jwks", "/nowhere"],
        ["county", "load", "/nowhere"],
        ["migrate", "postal-service"],
        [],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_without_a_traceback(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert captured.err


@pytest.mark.parametrize(
    "command", [["cases"], ["agreements"], ["topics"], ["doctor"], ["trace", REFERRAL]], ids=" ".join
)
def test_where_nothing_runs_the_command_says_how_to_start_it_and_ends_with_3(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, "--state", str(tmp_path)]) == 3
    assert "lahetti up" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ["up"], ["demo"], ["migrate"], ["cases"], ["agreements"], ["topics"], ["doctor"], ["trace"],
        ["county", "load"], ["clients", "token"], ["clients", "add"], ["clients", "list"],
        ["clients", "rotate"], ["clients", "disable"], ["clients", "enable"], ["clients", "revoke"],
        ["keys", "list"], ["keys", "rotate"], ["keys", "drop"],
        ["person", "access-log"], ["person", "export"], ["person", "erase"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_command_documents_json_and_its_exit_codes(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "--json" in shown
    assert "Exit codes: 0 done, 1 failed, 2 wrong usage or bad input, 3" in shown


def test_a_token_is_signed_with_the_installations_key(
    installation: FakeInstallation, lahetti: Callable[..., Any]
) -> None:
    code, out, _ = lahetti("clients", "token", "kotka", "--kind", "provider", "--seconds", "60")
    caller = TokenVerifier(installation.keys.public).verify(out.strip())
    assert (code, caller.client_id, caller.kind) == (0, "kotka", "provider")
    assert caller.may("system/Task.u")
    assert not caller.may("system/ServiceRequest.c")


def test_a_scope_that_is_none_is_refused(lahetti: Callable[..., Any]) -> None:
    code, out, err = lahetti("clients", "token", "kotka", "--scope", "system/Task.rsu everything")
    assert (code, out) == (2, "")
    assert "everything is not a scope" in err


def test_cases_are_listed_for_people_and_as_a_json_object_a_line(
    installation: FakeInstallation, lahetti: Callable[..., Any]
) -> None:
    case = {"id": "c1", "kind": "no-candidate", "owner": "coordinator", "referral": REFERRAL}
    installation.answers["/gateway/cases"] = (200, {"cases": [case]})
    code, out, _ = lahetti("cases")
    assert code == 0
    assert "no-candidate" in out
    code, out, _ = lahetti("cases", "--json")
    assert [json.loads(line) for line in out.splitlines()] == [case]


def test_no_open_case_is_said_to_people_and_is_no_line_to_programs(
    installation: FakeInstallation, lahetti: Callable[..., Any]
) -> None:
    installation.answers["/gateway/cases"] = (200, {"cases": []})
    assert lahetti("cases")[:2] == (0, "No case is open.\n")
    assert lahetti("cases", "--json")[:2] == (0, "")


def test_topics_show_the_lag_of_each_group_over_all_lanes(
    installation: FakeInstallation, lahetti: Callable[..., Any]
) -> None:
    lanes = [{"group": "gateway", "topic": "lahetti.outcomes.v1", "lane": lane, "lag": 2} for lane in (0, 1)]
    answer = {"topics": ["lahetti.outcomes.v1", "lahetti.dead-letters.v1"], "lag": lanes}
    installation.answers["/gateway/topics"] = (200, answer)
    code, out, _ = lahetti("topics", "--json")
    assert code == 0
    assert [json.loads(line) for line in out.splitlines()] == [
        {"topic": "lahetti.dead-letters.v1", "group": None, "lag": None},
        {"topic": "lahetti.outcomes.v1", "group": "gateway", "lag": 4},
    ]


def test_doctor_says_which_topics_somebody_else_has_to_make_and_how(
    installation: FakeInstallation, lahetti: Callable[..., Any]
) -> None:
    missing = [{"topic": "lahetti.tasks.kotka.v1", "lanes": 1, "retention_ms": 1_209_600_000}]
    for managed, ok in (("external", False), ("platform", True)):
        answer = {"topics": [], "lag": [], "managed": managed, "missing": missing}
        installation.answers["/gateway/topics"] = (200, answer)
        _, out, _ = lahetti("doctor", "--json")
        [found] = [one for one in map(json.loads, out.splitlines()) if one["what"] == "topics"]
        assert found["ok"] is ok
        if not ok:
            assert "lahetti.tasks.kotka.v1 (partitions 1, retention.ms 1209600000)" in found["problem"]
            assert "create them" in found["remedy"]


def test_a_trace_merges_the_three_services_by_time(
    installation: FakeInstallation, lahetti: Callable[..., Any]
) -> None:
    def step(at: str, service: str, what: str) -> dict[str, Any]:
        return {"at": at, "service": service, "what": what, "ids": {}}

    installation.answers |= {
        f"/gateway/trace/{REFERRAL}": (200, {"steps": [step("2026-01-01T00:00:00Z", "gateway", "accepted")]}),
        f"/notifier/trace/{REFERRAL}": (200, {"steps": [step("2026-01-01T00:00:02Z", "notifier", "sent")]}),
        f"/collector/trace/{REFERRAL}": (200, {"steps": [step("2026-01-01T00:00:01Z", "collector", "task")]}),
    }
    code, out, _ = lahetti("trace", REFERRAL, "--json")
    assert code == 0
    assert [json.loads(line)["what"] for line in out.splitlines()] == ["accepted", "task", "sent"]


def test_a_referral_that_no_service_knows_fails(
    installation: FakeInstallation, lahetti: Callable[..., Any]
) -> None:
    for service in ("notifier", "collector"):
        installation.answers[f"/{service}/trace/{REFERRAL}"] = (200, {"steps": []})
    installation.answers[f"/gateway/trace/{REFERRAL}"] = (404, {"issue": [{"code": "not-found"}]})
    code, _, err = lahetti("trace", REFERRAL)
    assert code == 1
    assert REFERRAL in err


def test_a_county_is_sent_file_by_file_and_the_changes_are_told(
    installation: FakeInstallation, lahetti: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "county" / "agreements").mkdir(parents=True)
    (tmp_path / "county" / "county.yaml").write_text("id: x\n")
    (tmp_path / "county" / "agreements" / "a.yaml").write_text("id: a\n")
    (tmp_path / "county" / "photo.png").write_bytes(b"\x89PNG")
    installation.answers["/gateway/county"] = (200, {"added": ["Organization/kotka"], "changed": []})
    code, out, _ = lahetti("county", "load", str(tmp_path / "county"))
    assert code == 0
    assert "Organization/kotka" in out
    files = {"agreements/a.yaml": "id: a\n", "county.yaml": "id: x\n"}
    assert installation.asked == [("POST", "staff", {"files": files})]


def test_each_problem_of_a_county_is_one_line_with_file_and_remedy(
    installation: FakeInstallation, lahetti: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "county.yaml").write_text("id: x\n")
    problems = [
        {"file": "county.yaml", "place": "names", "problem": "is missing", "remedy": "give fi, sv and en"},
        {"file": "clients.yaml", "place": "", "problem": "is missing", "remedy": "add the file"},
    ]
    installation.answers["/gateway/county"] = (422, {"problems": problems})
    code, out, err = lahetti("county", "load", str(tmp_path))
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "lahetti: county.yaml names: is missing (give fi, sv and en)",
        "lahetti: clients.yaml: is missing (add the file)",
    ]


def test_a_doctor_names_what_is_not_well_and_what_to_do(
    installation: FakeInstallation, lahetti: Callable[..., Any]
) -> None:
    installation.answers["/readyz"] = (503, {"status": "failing", "parts": {"database": "no answer"}})
    installation.answers["/gateway/topics"] = (200, {"managed": "platform", "missing": []})
    code, out, err = lahetti("doctor", "--json")
    assert code == 3
    findings = {finding["what"]: finding for finding in map(json.loads, out.splitlines())}
    assert findings["process lahetti"]["problem"] == "database: no answer"
    assert findings["process lahetti"]["remedy"]
    assert findings["key file"]["ok"]
    assert "1 of" in err


def test_an_installation_that_went_away_is_told_in_one_line(
    installation: FakeInstallation, lahetti: Callable[..., Any]
) -> None:
    whereabouts = installation.state.find()
    installation.state.tell(Whereabouts(**{**vars(whereabouts), "base_url": "http://127.0.0.1:1"}))
    code, _, err = lahetti("cases")
    assert code == 3
    assert err.count("\n") == 1
    assert "lahetti doctor" in err


def test_a_demo_never_removes_what_it_did_not_make(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    county = Path(__file__).resolve().parents[3] / "counties" / "kainuu"
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")
    assert run(["demo", "--state", str(tmp_path), "--county", str(county)]) == 2
    assert precious.read_text() == "mine"
    assert "--state" in capsys.readouterr().err


@pytest.fixture
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    (folder / "county.yaml").write_text("id: x\n")
    return folder
