"""A Task as its provider works on it: read with what belongs to it, moved by JSON Patch with If-Match."""

from dataclasses import dataclass
from typing import Any, Self

from lahetti.simulators.fhir_client import Answer, FhirClient

STATUS_REASON = "https://lahetti.example/fhir/CodeSystem/referral-status-reason"
PROGRESS = "https://lahetti.example/fhir/CodeSystem/referral-progress"
OUTPUT_TYPE = "https://lahetti.example/fhir/CodeSystem/referral-output"
CONTACT_ATTEMPTS = "https://lahetti.example/fhir/StructureDefinition/contact-attempts"
MOST_TRIES = 5


class ProviderStoppedError(Exception):
    """The platform refused what the provider did; the text holds the request, the status and the codes."""


def concept(system: str, code: str) -> dict[str, Any]:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code}]}


@dataclass
class ProviderTask:
    """Task B with the ServiceRequest and the Patient that the provider read."""

    client: FhirClient
    resource: dict[str, Any]
    etag: str
    service_request: dict[str, Any]
    patient: dict[str, Any]

    @classmethod
    async def read(cls, client: FhirClient, task_id: str) -> Self:
        """Read the Task, the ServiceRequest that it is about, and the Patient it is for."""
        task = _expect(await client.read(f"Task/{task_id}"), 200, f"GET Task/{task_id}")
        if task.body["status"] in {"cancelled", "entered-in-error"}:
            return cls(client, task.body, task.etag, {}, {})
        focus = task.body["focus"]["reference"]
        request = _expect(await client.read(focus), 200, f"GET {focus}")
        subject = request.body["subject"]["reference"]
        patient = _expect(await client.read(subject), 200, f"GET {subject}")
        return cls(client, task.body, task.etag, request.body, patient.body)

    @property
    def id(self) -> str:
        return self.resource["id"]

    @property
    def status(self) -> str:
        return self.resource["status"]

    @property
    def referral(self) -> str:
        """The id of the referral: of the ServiceRequest that this provider's one is based on."""
        based_on = self.service_request.get("basedOn", [])
        return based_on[0]["reference"].rsplit("/", 1)[-1] if based_on else ""

    async def accept(self) -> None:
        await self.move("accepted")

    async def start(self) -> None:
        await self.move("in-progress", progress="started")

    async def complete(self, result: str = "Liikuntaneuvonta alkoi, seuraava tapaaminen sovittu.") -> None:
        """Complete with an output of type `resulting-activity`."""
        output = {"type": concept(OUTPUT_TYPE, "resulting-activity"), "valueString": result}
        await self.move("completed", changes={"output": [output]})

    async def decline(self, status: str, reason: str, *, attempts: int | None = None) -> None:
        """Move to `status` for `reason`; `attempts` is how often the client was called."""
        await self.move(status, reason=reason, attempts=attempts)

    async def move(
        self, status: str, *, reason: str | None = None, progress: str | None = None,
        attempts: int | None = None, changes: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """PATCH to `status`; where the Task changed meanwhile (412), read again and try again."""
        new: dict[str, Any] = {"status": status} | (changes or {})
        if reason:
            new["statusReason"] = concept(STATUS_REASON, reason)
            if attempts is not None:
                new["statusReason"]["extension"] = [{"url": CONTACT_ATTEMPTS, "valueInteger": attempts}]
        if progress:
            new["businessStatus"] = concept(PROGRESS, progress)
        await self.patch([{"op": "add", "path": f"/{name}", "value": value} for name, value in new.items()])

    async def patch(self, operations: list[dict[str, Any]]) -> None:
        """Apply JSON Patch `operations` to the Task. Raises ProviderStoppedError on anything but success."""
        answer = await self.client.patch(f"Task/{self.id}", operations, self.etag)
        for _ in range(MOST_TRIES):
            if answer.status != 412:
                break
            await self.refresh()
            answer = await self.client.patch(f"Task/{self.id}", operations, self.etag)
        _expect(answer, 200, f"PATCH Task/{self.id}")
        self.resource, self.etag = answer.body, answer.etag or self.etag
        if self.resource.get("resourceType") != "Task":
            await self.refresh()

    async def refresh(self) -> None:
        """Read the Task again."""
        answer = _expect(await self.client.read(f"Task/{self.id}"), 200, f"GET Task/{self.id}")
        self.resource, self.etag = answer.body, answer.etag


def _expect(answer: Answer, status: int, request: str) -> Answer:
    if answer.status != status:
        raise ProviderStoppedError(f"{request} was answered {answer.status} {' '.join(answer.slugs)}".strip())
    return answer
