"""The lines that `lahetti up` prints to try the system by hand; in one shell, they run as they stand."""

import json
import os
import shlex
import shutil
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from lahetti.simulators.referral_bundles import referral_bundle

CLIENT, PROVIDER, MUNICIPALITY = "ehr-polling", "pyhtaa", "624"
UUID = "[0-9a-f-]\\{36\\}"


def write_referral(folder: Path) -> Path:
    """A referral to post: an invented person, a referral number that was never used."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "referral.json"
    bundle = referral_bundle(identifier=f"R-{uuid.uuid4().hex[:12]}", municipality=MUNICIPALITY)
    path.write_text(json.dumps(bundle, ensure_ascii=False, indent=2), encoding="utf-8")
    return path


def lines_to_try(base_url: str, state: Path, referral: Path) -> Sequence[str]:
    """Shell lines: the EHR posts a referral and follows it, the provider accepts it, the tools tell of it."""
    lahetti, where = _command(), f"--state {_short(state)}"
    ehr = 'curl -s -H "Authorization: Bearer $EHR"'
    provider = 'curl -s -H "Authorization: Bearer $PROVIDER"'
    media = "-H 'Content-Type: application/fhir+json'"
    patch = "-X PATCH -H 'Content-Type: application/json-patch+json' -H \"If-Match: $VERSION\""
    accepted = '[{"op": "replace", "path": "/status", "value": "accepted"}]'
    etag = "tr -d '\\r' | sed -n 's/^etag: //Ip'"
    last_task = f"grep -o '/Task/{UUID}' | tail -1 | cut -d/ -f3"
    return [
        "# the EHR posts a referral, and keeps its id",
        f"EHR=$({lahetti} clients token {CLIENT} {where})",
        f"{ehr} {media} -d @{_short(referral)} {base_url}/fhir > {_short(state)}/answer.json",
        f"REFERRAL=$(grep -o 'ServiceRequest/{UUID}' {_short(state)}/answer.json | head -1 | cut -d/ -f2)",
        f'{ehr} "{base_url}/fhir/ServiceRequest/$REFERRAL"',
        "# the provider finds its Task, reads its version and accepts it",
        f"PROVIDER=$({lahetti} clients token {PROVIDER} --kind provider {where})",
        f"TASK=$({provider} '{base_url}/fhir/Task?status=requested' | {last_task})",
        f"VERSION=$({provider} -o /dev/null -D - {base_url}/fhir/Task/$TASK | {etag})",
        f"{provider} {patch} -d {shlex.quote(accepted)} {base_url}/fhir/Task/$TASK",
        "# the EHR finds its own Task, which follows",
        f'{ehr} "{base_url}/fhir/Task?focus=ServiceRequest/$REFERRAL"',
        "# what the tools say",
        f"{lahetti} trace $REFERRAL {where}",
        f"{lahetti} topics {where}",
        f"{lahetti} cases {where}",
        f"{lahetti} doctor {where}",
    ]


def page_lines(base_url: str, state: Path) -> Sequence[str]:
    """Shell lines for the provider's page: a PIN, to open the link of the mail with."""
    lahetti, where = _command(), f"--state {_short(state)}"
    staff = f"$({lahetti} clients token me --kind staff --scope lahetti/pins.w {where})"
    url = f"{base_url}/collector/providers/{PROVIDER}/pin"
    media = "-H 'Content-Type: application/json'"
    return [f"curl -s -H \"Authorization: Bearer {staff}\" {media} -d '{{}}' {url}"]


def _command() -> str:
    """How this command can be called from where the person stands."""
    if shutil.which("lahetti"):
        return "lahetti"
    return _short(Path(sys.executable).with_name("lahetti"))


def _short(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
