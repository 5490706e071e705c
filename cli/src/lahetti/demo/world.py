"""Everything around the installation that the cases play with."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lahetti.demo.case_run import CaseRun
from lahetti.simulators.ehr import EhrSimulator
from lahetti.simulators.fhir_client import Answer, FhirClient
from lahetti.simulators.mailbox import Mailbox
from lahetti.simulators.provider import ProviderSimulator, Script
from lahetti.simulators.referral_bundles import referral_bundle
from lahetti.simulators.routing_facts import with_facts


@dataclass
class Referral:
    """A referral as its EHR made it; `id` is what the platform answered, once it was posted, and `answer` all
    of that."""

    bundle: dict[str, Any]
    task_a: str | None
    id: str = ""
    answer: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class EhrSide:
    """One EHR: its own FHIR server (None where it only polls) and its access to ours."""

    client_id: str
    api: FhirClient
    server: EhrSimulator | None

    def new_referral(self, *, facts: Mapping[str, Any] | None = None, **choices: Any) -> Referral:
        """A Bundle with an identifier of its own; with Task A, where this EHR keeps one. `facts` are what it
        says for the county's rules."""
        identifier = f"R-{uuid.uuid4().hex[:12]}"
        url = self.server.new_task_url() if self.server else None
        bundle = referral_bundle(identifier=identifier, task_a_url=url, **choices)
        if facts is not None:
            bundle = with_facts(bundle, **facts)
        if self.server and url:
            task = next(e["resource"] for e in bundle["entry"] if e["fullUrl"] == url)
            self.server.keep_task(url, task)
        return Referral(bundle, url)

    async def refer(self, run: CaseRun, referral: Referral) -> str:
        """Post it, expect 200 with a transaction-response, and answer the referral's id."""
        answer = await self.api.post_bundle(referral.bundle)
        run.check(answer.status == 200, f"POST of the Bundle is answered 200, not {told(answer)}")
        run.check(answer.body.get("type") == "transaction-response", "the answer is a transaction-response")
        referral.answer = answer.body
        referral.id = run.referral = referral_id(answer)
        run.step("referred")
        return referral.id


@dataclass(frozen=True)
class TopicRecord:
    """One record of the log as it lies there."""

    topic: str
    type: str
    key: str
    headers: dict[str, str]
    value: bytes


@dataclass
class World:
    """The EHRs, providers and the mailbox by name, what an operator of the installation can ask it, and the
    files of the county as they were loaded."""

    ehrs: dict[str, EhrSide]
    providers: dict[str, ProviderSimulator]
    mailbox: Mailbox
    pins: dict[str, str]
    operator: FhirClient
    read_topics: Callable[[], Awaitable[list[TopicRecord]]]
    county: dict[str, str] = field(default_factory=dict[str, str])

    def script(self, provider: str, referral: Referral, script: Script) -> ProviderSimulator:
        """Let `provider` do `script` with this referral, which was posted."""
        simulator = self.providers[provider]
        simulator.on_referral(referral.id, script)
        return simulator

    async def close(self) -> None:
        """Stop all of it."""
        for ehr in self.ehrs.values():
            await ehr.api.close()
            if ehr.server:
                await ehr.server.server.close()
        for provider in self.providers.values():
            await provider.close()
        await self.mailbox.close()
        await self.operator.close()


def referral_id(answer: Answer) -> str:
    """The id of the ServiceRequest that a transaction-response names."""
    for entry in answer.body.get("entry", []):
        kind, _, rest = entry["response"].get("location", "").partition("ServiceRequest/")
        if rest and not kind.endswith("_"):
            return rest.split("/", 1)[0]
    return ""


def told(answer: Answer) -> str:
    """Status and codes of an answer, for a message."""
    return " ".join([str(answer.status), *answer.slugs])
