"""The cases about one request being one referral, and about agreements with a number."""

import asyncio
import uuid
from copy import deepcopy
from typing import Any

from lahetti.demo import provider_side as providers
from lahetti.demo.case_run import CaseRun
from lahetti.demo.ehr_side import until_task_a
from lahetti.demo.world import World, referral_id, told

AT_ONCE = 8


def retried(value: Any, names: dict[str, str] | None = None) -> Any:
    """The same content as an honest retry sends it: fresh `urn:uuid`s and other key order."""
    names = {} if names is None else names
    if isinstance(value, dict):
        return {key: retried(inner, names) for key, inner in reversed(value.items())}
    if isinstance(value, list):
        return [retried(inner, names) for inner in value]
    if isinstance(value, str) and value.startswith("urn:uuid:"):
        return names.setdefault(value, f"urn:uuid:{uuid.uuid4()}")
    return value


async def same_request_again(world: World, run: CaseRun) -> None:
    """Posted again, and eight times at once: one referral. Other content under its number: 409."""
    ehr = world.ehrs["write"]
    referral = ehr.new_referral()
    posts = [ehr.api.post_bundle(retried(referral.bundle)) for _ in range(AT_ONCE)]
    answers = [*await asyncio.gather(*posts), await ehr.api.post_bundle(retried(referral.bundle))]
    for answer in answers:
        run.check(answer.status == 200, f"the same request again is answered 200, not {told(answer)}")
    ids = {referral_id(answer) for answer in answers}
    run.check(len(ids) == 1, f"{len(answers)} posts make one referral, not {len(ids)}")
    referral.id = run.referral = ids.pop()
    kotka = world.script("kotka", referral, providers.accept_start_complete)
    run.step(f"{len(answers)} posts, one referral")
    other = deepcopy(referral.bundle)
    request = next(e["resource"] for e in other["entry"] if e["resource"]["resourceType"] == "ServiceRequest")
    request["note"] = [{"text": "Soita vain aamulla."}]
    conflict = await ehr.api.post_bundle(other)
    run.check(conflict.status == 409, f"other content is answered 409, not {told(conflict)}")
    run.check("duplicate" in conflict.slugs, "the refusal is called duplicate")
    run.step("other content: 409")
    task = await providers.until_status(run, kotka, referral, "completed")
    await until_task_a(run, ehr, referral, "completed")
    known = [known for known in kotka.tasks.values() if known.referral == referral.id]
    run.check(len(known) == 1, "the provider hears of one Task")
    providers.check_notifications(run, kotka, task.id, 1)


async def quota_used_up(world: World, run: CaseRun) -> None:
    """The first agreement takes one referral; the next goes to the next provider with an agreement."""
    ehr = world.ehrs["write"]
    first, second, third = (ehr.new_referral(municipality="489") for _ in range(3))
    await ehr.refer(CaseRun(run.name, run.channel), first)
    one = world.script("miehikkala", first, providers.accept)
    await providers.until_status(CaseRun(run.name, run.channel), one, first, "accepted")
    run.step("first agreement full")
    await ehr.refer(run, second)
    other = world.script("miehikkala-kylayhdistys", second, providers.accept_start_complete)
    await providers.until_status(run, other, second, "completed")
    await until_task_a(run, ehr, second, "completed")
    run.check(one.task_for(second.id) is None, "the full provider never hears of the second")
    await _none_left(run, ehr, third)


async def _none_left(run: CaseRun, ehr: Any, third: Any) -> None:
    """None left: 422 with each candidate's reason; nothing is stored, so its number is still free."""
    answer = await ehr.api.post_bundle(third.bundle)
    run.check(answer.status == 422, f"with no provider left the answer is 422, not {told(answer)}")
    run.check(
        answer.slugs.count("quota-used-up") >= 2, f"each candidate's reason is told, not {answer.slugs}"
    )
    changed = deepcopy(third.bundle)
    request = next(
        e["resource"] for e in changed["entry"] if e["resource"]["resourceType"] == "ServiceRequest"
    )
    request["note"] = [{"text": "Soita vain aamulla."}]
    again = await ehr.api.post_bundle(changed)
    run.check(again.status == 422, f"nothing of a refused referral is stored, yet {told(again)}")
    run.step("none left: 422")
