"""Log lines as they are written in the code: static names, allowed keys only, also where no test comes by."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import outcome_collector.bootstrap
import provider_notifier.bootstrap
import referral_gateway.bootstrap
from service_runtime import logs

ROOT = Path(__file__).resolve().parents[2]
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
SERVICES = (outcome_collector.bootstrap, provider_notifier.bootstrap, referral_gateway.bootstrap)


class Line(NamedTuple):
    """A call that writes a log line."""

    place: str
    event: ast.expr
    keys: tuple[str | None, ...]


def written_lines() -> Iterator[Line]:
    """Every log call of libraries and services."""
    listed = subprocess.run(
        ["git", "ls-files", "libs/*.py", "services/*.py"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if not path.is_file():
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _writes(node.func) and node.args:
                event = node.args[1] if _level_of(node.func) == "log" else node.args[0]
                yield Line(f"{name}:{node.lineno}", event, tuple(word.arg for word in node.keywords))


def _level_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else ""


def _writes(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute) or function.attr not in LEVELS | {"log"}:
        return False
    return re.search(r"(^|\.)_?log(ger)?$|logger\(\)$", ast.unparse(function.value)) is not None


def test_the_search_finds_the_lines_of_the_runtime() -> None:
    events = {line.event.value for line in written_lines() if isinstance(line.event, ast.Constant)}
    assert {"http.request", "http.failed", "role.failed", "process.started"} <= events


def test_no_event_name_is_put_together_from_values() -> None:
    """A name may be chosen from constants or handed in by the composition; it is never formatted."""
    assert [line.place for line in written_lines() if not _is_static(line.event)] == []


def _is_static(event: ast.expr) -> bool:
    if isinstance(event, ast.Constant):
        return re.fullmatch(r"[a-z_-]+\.[a-z_-]+", str(event.value)) is not None
    if isinstance(event, ast.IfExp):
        return _is_static(event.body) and _is_static(event.orelse)
    return isinstance(event, ast.Attribute)


def test_every_key_is_on_the_list() -> None:
    assert all(service.NAME for service in SERVICES)  # importing them lets them name keys of their own
    written = {(line.place, key) for line in written_lines() for key in line.keys if key is not None}
    assert written
    assert [f"{place} {key}" for place, key in sorted(written) if not logs.is_allowed(key)] == []
