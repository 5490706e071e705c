"""fhirpy, unchanged, in one session; reads what to use from stdin and prints what it saw as JSON."""

import json
import sys

from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import MultipleResourcesFound, OperationOutcome

given = json.load(sys.stdin)
ehr = SyncFHIRClient(given["base"], authorization=f"Bearer {given['ehr']}")
provider = SyncFHIRClient(given["base"], authorization=f"Bearer {given['provider']}")


def patch(status, version):
    """JSON Patch with If-Match: fhirpy takes both as headers of a client."""
    headers = {"If-Match": f'W/"{version}"', "Content-Type": "application/json-patch+json"}
    patching = SyncFHIRClient(
        given["base"], authorization=f"Bearer {given['provider']}", extra_headers=headers
    )
    change = [{"op": "replace", "path": "/status", "value": status}]
    return patching.execute(f"Task/{given['task']}", method="patch", data=change)


def refusal(attempt, status):
    """What was refused. fhirpy tells a status by its exception: 412 has its own, 409 and 422 share one."""
    try:
        attempt()
    except MultipleResourcesFound as error:
        outcome, told = json.loads(str(error)), 412
    except OperationOutcome as error:
        outcome, told = error.resource, status
    else:
        raise SystemExit("nothing was refused")
    return {"status": told, "slug": outcome["issue"][0]["details"]["coding"][0]["code"]}


answer = ehr.execute("", method="post", data=given["referral"])
created = [entry["response"]["status"][:3] for entry in answer["entry"]]
pages = [[task["id"]] for task in ehr.resources("Task").limit(2)]
task = provider.reference("Task", given["task"]).to_resource()
patched = patch("accepted", task["meta"]["versionId"])
refusals = [
    refusal(lambda: ehr.execute("", method="post", data=given["conflicting"]), 409),
    refusal(lambda: patch("in-progress", task["meta"]["versionId"]), 412),
    refusal(lambda: patch("failed", patched["meta"]["versionId"]), 422),
]
print(json.dumps({"created": created, "pages": pages, "patched": patched["status"], "refusals": refusals}))
