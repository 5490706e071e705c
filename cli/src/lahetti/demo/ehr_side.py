"""What the EHR must find in its own Task A."""

from typing import Any

from lahetti.demo.case_run import CaseRun
from lahetti.demo.world import EhrSide, Referral
from lahetti.simulators.ehr import EhrSimulator

RANK = {"requested": 0, "received": 0, "accepted": 1, "on-hold": 2, "in-progress": 2}
LAST = 3


async def until_task_a(run: CaseRun, ehr: EhrSide, referral: Referral, status: str) -> dict[str, Any]:
    """Wait until Task A in the EHR has `status`; then check that it never went backwards and who wrote it."""
    server, url = _kept(ehr, referral)
    await run.until(f"EHR: {status}", lambda: server.task(url)["status"] == status)
    run.ehr_status = status
    ranks = [RANK.get(step, LAST) for step in server.statuses(url)]
    run.check(ranks == sorted(ranks), f"Task A never moves backwards, yet it went {server.statuses(url)}")
    run.check(ranks.count(LAST) == 1, f"Task A ends once, yet it went {server.statuses(url)}")
    run.check(all(line.authorized for line in server.requests), "every request to the EHR bears its token")
    return server.task(url)


def _kept(ehr: EhrSide, referral: Referral) -> tuple[EhrSimulator, str]:
    if ehr.server is None or referral.task_a is None:
        raise ValueError("this EHR keeps no Task of its own")
    return ehr.server, referral.task_a
