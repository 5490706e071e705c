"""A running system for clients that are not ours: real tokens, referrals to page through, Tasks to move."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from lahetti.simulators.referral_bundles import referral_bundle
from support.examples import ROOT

LAHETTI = Path(sys.executable).with_name("lahetti")
EHR, PROVIDER, MUNICIPALITY = "ehr-polling", "pyhtaa", "624"
_SECONDS = 60.0
_FHIR = {"Content-Type": "application/fhir+json"}


@dataclass(frozen=True)
class Standing:
    """A system that runs. `state` is its folder."""

    base: str
    state: Path

    def token(self, client: str, kind: str) -> str:
        """A token of the installation's own, as its operator makes one."""
        words = [str(LAHETTI), "clients", "token", client, "--kind", kind, "--state", str(self.state)]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()

    def wanted(self, ids: list[str]) -> dict[str, Any]:
        """What a session is given: base, tokens, a referral of its own, the same referral with another
        content, and the first of `ids`, a Task that waits for its provider."""
        referral = referral_bundle(identifier=f"F-{uuid4().hex[:12]}", municipality=MUNICIPALITY)
        other = json.loads(json.dumps(referral))
        request = next(
            e["resource"] for e in other["entry"] if e["resource"]["resourceType"] == "ServiceRequest"
        )
        request["patientInstruction"] = "Jotakin muuta."
        return {
            "base": f"{self.base}/fhir",
            "ehr": self.token(EHR, "ehr"),
            "provider": self.token(PROVIDER, "provider"),
            "referral": referral,
            "conflicting": other,
            "task": ids[0],
        }

    def with_tasks(self, count: int) -> list[str]:
        """Post so many referrals; the ids of the Tasks that their provider has then."""
        ehr, provider = (
            httpx.Client(base_url=self.base, headers={"Authorization": f"Bearer {token}"}, timeout=_SECONDS)
            for token in (self.token(EHR, "ehr"), self.token(PROVIDER, "provider"))
        )
        with ehr, provider:
            before = _requested(provider)
            for _ in range(count):
                bundle = referral_bundle(identifier=f"F-{uuid4().hex[:12]}", municipality=MUNICIPALITY)
                ehr.post("/fhir", json=bundle, headers=_FHIR).raise_for_status()
            until = time.monotonic() + _SECONDS
            while len(new := _requested(provider) - before) < count:
                assert time.monotonic() < until, f"only {len(new)} of {count} Tasks came"
                time.sleep(0.2)
            return sorted(new)


@contextmanager
def standing(folder: Path) -> Iterator[Standing]:
    """`lahetti up` with the county of Kymenlaakso, in `folder`; ended with the block."""
    state = folder / "up"
    words = [str(LAHETTI), "up", "--state", str(state), "--json"]
    with (folder / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [*words, "--county", str(ROOT / "counties" / "kymenlaakso")],
            stdout=subprocess.PIPE, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            told = process.stdout.read1() if not process.poll() else b""
            assert told, (folder / "up.log").read_text()
            yield Standing(json.loads(told)["base_url"], state)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _requested(provider: httpx.Client) -> set[str]:
    answer = provider.get("/fhir/Task", params={"status": "requested", "_count": "100"}).raise_for_status()
    return {entry["resource"]["id"] for entry in answer.json().get("entry", ())}
