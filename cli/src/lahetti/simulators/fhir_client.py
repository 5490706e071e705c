"""A plain FHIR client over HTTP, as an EHR's or a provider's system would have one."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

REQUEST_SECONDS = 30
LANGUAGE = "fi"
STATUS_REASON_EXTENSION = "http://hl7.org/fhir/StructureDefinition/request-statusReason"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is {} where there was no JSON object."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]
    seconds: float

    @property
    def etag(self) -> str:
        return self.headers.get("ETag", "")

    @property
    def slugs(self) -> list[str]:
        """The codes of an OperationOutcome's issues."""
        return [
            coding.get("code", "")
            for issue in self.body.get("issue", [])
            for coding in issue.get("details", {}).get("coding", [])
        ]


class FhirClient:
    """Talks to the FHIR API at `base` (http://127.0.0.1:8080/fhir) with the bearer that `token` gives."""

    def __init__(self, base: str, token: Callable[[], str]) -> None:
        self.base = base
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def request(
        self, method: str, path: str = "", *, body: Any = None, media: str = "application/fhir+json",
        if_match: str | None = None,
    ) -> Answer:  # fmt: skip
        """One request under the base; `path` such as Task/1 or an absolute URL."""
        self._session = self._session or aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS), trust_env=False
        )
        headers = {
            "Authorization": f"Bearer {self._token()}",
            "Accept": "application/fhir+json",
            "Accept-Language": LANGUAGE,
        }
        if body is not None:
            headers["Content-Type"] = media
        if if_match is not None:
            headers["If-Match"] = if_match
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        url = path if path.startswith("http") else f"{self.base}/{path}".rstrip("/")
        started = time.monotonic()
        async with self._session.request(method, url, data=data, headers=headers) as response:
            content = await response.read()
            return Answer(
                response.status, _object(content), response.headers.copy(), time.monotonic() - started
            )

    async def post_bundle(self, bundle: Any) -> Answer:
        """Post a transaction (a Bundle, or its bytes as they shall travel)."""
        return await self.request("POST", body=bundle)

    async def read(self, path: str) -> Answer:
        return await self.request("GET", path)

    async def patch(self, path: str, operations: list[dict[str, Any]], if_match: str) -> Answer:
        """JSON Patch of the version that `if_match` names."""
        return await self.request(
            "PATCH", path, body=operations, media="application/json-patch+json", if_match=if_match
        )

    async def revoke(self, referral: str, reason: Mapping[str, Any]) -> Answer:
        """Revoke ServiceRequest A for `reason` (a CodeableConcept), as its author."""
        read = await self.read(f"ServiceRequest/{referral}")
        if read.status != 200:
            return read
        extension = {"url": STATUS_REASON_EXTENSION, "valueCodeableConcept": dict(reason)}
        body = read.body | {"status": "revoked", "extension": [*read.body.get("extension", []), extension]}
        return await self.request("PUT", f"ServiceRequest/{referral}", body=body, if_match=read.etag)

    async def withdraw(self, referral: str) -> Answer:
        """Set the Consent of this referral to inactive: the client took the permission back."""
        read = await self.read(f"Consent/{referral}")
        if read.status != 200:
            return read
        body = read.body | {"status": "inactive"}
        return await self.request("PUT", f"Consent/{referral}", body=body, if_match=read.etag)


def _object(content: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(content)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
