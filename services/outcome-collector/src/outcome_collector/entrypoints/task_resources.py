"""Tasks as HTTP answers."""

from referral_contracts.errors import refuse
from service_runtime.web.responses import FhirResponse
from service_runtime.web.versions import expected_version, has_already, version_headers
from starlette.requests import Request

from outcome_collector.ports import StoredVersion

# No caches between: what may be read can change with the next withdrawal of a permission.
_PRIVATE = {"Cache-Control": "private, no-store"}


def task_response(version: StoredVersion, body: bytes | None = None) -> FhirResponse:
    """The Task, or `body` in its place, with the headers that name its version."""
    headers = version_headers(version.version, version.last_updated) | _PRIVATE
    return FhirResponse(version.document if body is None else body, headers=headers)


def read_response(request: Request, version: StoredVersion) -> FhirResponse:
    """The Task; 304 without it where the caller has that version.

    What is withheld is always told: the permission may have ended since the caller read the same version.
    """
    if version.withheld or not has_already(request, version.version):
        return task_response(version)
    headers = version_headers(version.version, version.last_updated) | _PRIVATE
    return FhirResponse(status_code=304, headers=headers)


def version_of(request: Request) -> int:
    """The version in the If-Match header. Raises `version-required`, `version-malformed`, or
    `version-conflict` for what names none of ours."""
    version = expected_version(request)
    if version is None:
        raise refuse("version-required")
    if version == 0:
        raise refuse("version-conflict")
    return version
