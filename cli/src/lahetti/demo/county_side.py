"""What a county's story checks from outside: which rule decided, who got it, that no topic holds a name."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml
from referral_contracts import systems

from lahetti.demo import provider_side as providers
from lahetti.demo.case_run import CaseRun
from lahetti.demo.ehr_side import until_task_a
from lahetti.demo.recorded_side import check_recorded
from lahetti.demo.world import Referral, World, told
from lahetti.simulators.fhir_client import Answer
from lahetti.simulators.provider import Script
from lahetti.simulators.provider_task import ProviderTask

Choices = dict[str, Any]
"""What a referral says, by the arguments of `referral_bundle` or `with_facts`."""
INPUT_EXTENSION = systems.ROUTING_INPUT_EXTENSION


def aged(years: int, *, in_days: int = 0) -> str:
    """The birth date of someone who turns `years` in so many days, by default today."""
    day = datetime.now(UTC).date() + timedelta(days=in_days)
    return f"{day.year - years}-{day.month:02}-{min(day.day, 28):02}"


async def refer(
    world: World, run: CaseRun, *, facts: Mapping[str, Any] | None = None, **choices: Any
) -> Referral:
    """A referral by the EHR that keeps Task A, accepted."""
    ehr = world.ehrs["write"]
    referral = ehr.new_referral(facts=facts or {}, **choices)
    await ehr.refer(run, referral)
    return referral


async def refused(
    world: World, run: CaseRun, slug: str, *, facts: Mapping[str, Any] | None = None, **choices: Any
) -> Answer:
    """A referral that is answered 422 with `slug`, of which nothing is kept."""
    ehr = world.ehrs["write"]
    answer = await ehr.api.post_bundle(ehr.new_referral(facts=facts or {}, **choices).bundle)
    run.check(answer.status == 422, f"the referral comes back, answered 422, not {told(answer)}")
    run.check(slug in answer.slugs, f"the answer says {slug}, not {told(answer)}")
    run.status, run.reason = "refused", slug
    run.step(f"422 {slug}")
    return answer


def text_of(answer: Answer) -> str:
    """All that an OperationOutcome says in words."""
    return "\n".join(issue["details"]["text"] for issue in answer.body.get("issue", []))


def words_of(world: World, pathway: str, rule: str) -> str:
    """The Finnish words of a rule as the county's own file has them."""
    table = yaml.safe_load(world.county[f"rules/{pathway}.yaml"])
    return next(one["words"]["fi"] for one in [*table["rules"], table["otherwise"]] if one["id"] == rule)


async def check_rule(
    world: World,
    run: CaseRun,
    referral: Referral,
    rule: str,
    inputs: Collection[str],
    *,
    overridden: bool = False,
) -> None:
    """The answer tells the rule in the county's words, and the Provenance keeps it with its inputs' names."""
    outcomes = [entry["response"].get("outcome", {}) for entry in referral.answer["entry"]]
    issues = [issue for outcome in outcomes for issue in outcome.get("issue", [])]
    slugs = [coding["code"] for issue in issues for coding in issue["details"]["coding"]]
    expected = "rule-overridden" if overridden else "routed-by-rule"
    run.check(expected in slugs, f"the answer tells {expected}, not {slugs}")
    answer = await world.ehrs["write"].api.read(f"Provenance/{referral.id}")
    run.check(answer.status == 200, f"the Provenance can be read, not {told(answer)}")
    coding = answer.body["reason"][0]["coding"][0]
    run.check(coding["code"] == rule, f"the rule that decided is {rule}, not {coding['code']}")
    pathway = coding["system"].rpartition("/")[2]
    words = words_of(world, pathway, rule)
    run.check(coding["display"] == words, "the Provenance has the county's own words")
    run.check(any(words in issue["details"]["text"] for issue in issues), "so has the answer")
    kept = {one["valueCode"] for one in answer.body.get("extension", []) if one["url"] == INPUT_EXTENSION}
    run.check(kept == set(inputs), f"it looked at {sorted(inputs)}, not {sorted(kept)}")
    basis = answer.body["activity"]["coding"][1]["code"]
    run.check((basis == "override") == overridden, f"the basis of the routing is {basis}")
    run.step(f"rule {rule}" + (" overridden" if overridden else ""))


async def until_served(
    world: World,
    run: CaseRun,
    provider: str,
    referral: Referral,
    service: str,
    script: Script = providers.accept_start_complete,
) -> ProviderTask:
    """The provider takes the referral for `service` to its end, and Task A comes home completed."""
    simulator = world.script(provider, referral, script)
    task = await providers.until_status(run, simulator, referral, "completed")
    check_service(run, task, service)
    task_a = await until_task_a(run, world.ehrs["write"], referral, "completed")
    [category] = task.service_request["category"]
    check_recorded(world, run, referral, task_a, category["coding"][0]["code"])
    providers.check_notifications(run, simulator, task.id, 1)
    return task


def check_service(run: CaseRun, task: ProviderTask, service: str) -> None:
    """The provider is asked for `service`, a HealthcareService of the county."""
    asked = [one["reference"] for one in task.service_request["performer"]]
    run.check(f"HealthcareService/{service}" in asked, f"the provider is asked for {service}, not {asked}")


async def check_topics(world: World, run: CaseRun, *needles: str) -> None:
    """No topic holds any of `needles`: names as they were given, phones by their last digits."""
    records = await world.read_topics()
    run.check(any(run.referral and run.referral in r.key for r in records), "its topics can be read")
    everything = b"\n".join(
        part for r in records for part in (r.topic.encode(), r.key.encode(), str(r.headers).encode(), r.value)
    )
    for needle in needles:
        run.check(needle.encode() not in everything, "no topic holds a client's name or number")
    run.step("topics hold no name")


async def route(world: World, run: CaseRun, **parameters: str | int) -> dict[str, Any]:
    """The answer of a dry run: its parameters by name, `candidate` as a list of parts by name."""
    kinds = {str: "valueCode", int: "valueInteger"}
    asked = [
        {"name": name.replace("_", "-"), kinds[type(value)]: value} for name, value in parameters.items()
    ]
    body = {"resourceType": "Parameters", "parameter": asked}
    answer = await world.ehrs["write"].api.request("POST", "ServiceRequest/$route", body=body)
    run.check(answer.status == 200, f"the dry run is answered 200, not {told(answer)}")
    found: dict[str, Any] = {"candidate": []}
    for one in answer.body["parameter"]:
        if one["name"] == "candidate":
            found["candidate"].append(_parts(one))
        elif "part" in one:
            found[one["name"]] = _parts(one)
    return found


def _parts(parameter: Mapping[str, Any]) -> dict[str, Any]:
    return {
        part["name"]: next(value for key, value in part.items() if key.startswith("value"))
        for part in parameter["part"]
    }


def chosen(found: Mapping[str, Any]) -> dict[str, Any] | None:
    """The candidate that a dry run would take."""
    return next((one for one in found["candidate"] if one["chosen"]), None)
