"""FHIR clients that are not ours work unchanged: transaction, paged search, PATCH with If-Match, refusals.

Each session is a small program in `clients`, run with the client as its authors publish it.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from support.foreign_clients import Standing, standing

CLIENTS: dict[str, list[str]] = json.loads(os.environ.get("LAHETTI_FOREIGN_CLIENTS", "{}"))
NAMES = ("fhir-kit-client", "fhirpy", "hapi")
REFERRALS = 5
SLUGS = ["duplicate", "version-conflict", "status-reason-required"]
SECONDS = 180


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    with standing(tmp_path_factory.mktemp("standing")) as running:
        yield running


@pytest.mark.parametrize("name", NAMES)
def test_a_session_of_a_client_that_is_not_ours(system: Standing, name: str) -> None:
    assert name in CLIENTS, "the client was not fetched: use `make conformance`"
    tasks = system.with_tasks(REFERRALS)
    seen = session(CLIENTS[name], system.wanted(tasks))
    assert set(seen["created"]) == {"201"}
    found = [task for page in seen["pages"] for task in page]
    assert len(found) == len(set(found)) >= REFERRALS
    assert len(seen["pages"]) > 1
    assert seen["patched"] == "accepted"
    assert [one["status"] for one in seen["refusals"]] == [409, 412, 422]
    assert [one["slug"] for one in seen["refusals"]] == SLUGS


def session(words: list[str], given: dict[str, Any]) -> dict[str, Any]:
    """What the client saw."""
    done = subprocess.run(
        words, input=json.dumps(given), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])
