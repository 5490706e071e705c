"""The loop that reads why referrers revoked, and cancels. Its HTTP happens outside every transaction."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from service_runtime.clock import Clock
from service_runtime.database.connecting import DatabaseError
from service_runtime.leases import LeaseHolder
from service_runtime.logs import logger
from service_runtime.wakeup import Waiter, sleep_or_stop, wait_or_stop

from outcome_collector.adapters.revocation_jobs import Job, RevocationJobs
from outcome_collector.ports import RequestReader, RequestUnreadableError, Units
from outcome_collector.use_cases.advance_task import Patience
from outcome_collector.use_cases.end_tasks import revoke

CHANNEL = "revocations"
_AT_ONCE = 8
_log = logger()


class RevocationLoop:
    """One a service is active. Two would do no harm: a Task that is cancelled is not cancelled again."""

    def __init__(
        self,
        *,
        jobs: RevocationJobs,
        requests: RequestReader,
        units: Units,
        holder: LeaseHolder,
        waiter: Waiter,
        clock: Clock,
        patience: Patience,
        poll_seconds: float,
        beat: Callable[[], None],
    ) -> None:
        self._jobs, self._requests, self._units = jobs, requests, units
        self._holder, self._waiter, self._clock = holder, waiter, clock
        self._patience, self._poll_seconds, self._beat = patience, poll_seconds, beat

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`, then let another process have it."""
        while not stop.is_set():
            self._beat()
            try:
                standby = await self._holder.ensure()
                pause = standby or await self._round()
            except DatabaseError as error:
                _log.warning("revocations.failed", error=type(error).__name__)
                standby, pause = 0.0, self._poll_seconds
            if standby:
                await sleep_or_stop(stop, min(standby, self._poll_seconds))
            else:
                await wait_or_stop(self._waiter, stop, pause)
        with suppress(*DatabaseError):
            await self._holder.give_back()

    async def _round(self) -> float:
        """Do what is due; answers how long to wait unless woken."""
        jobs = await self._jobs.due()
        for start in range(0, len(jobs), _AT_ONCE):
            await asyncio.gather(*(self._do(job) for job in jobs[start : start + _AT_ONCE]))
        next_due = await self._jobs.next_due()
        if next_due is None:
            return self._poll_seconds
        return min(self._poll_seconds, max(0.01, (next_due - self._clock.now()).total_seconds()))

    async def _do(self, job: Job) -> None:
        try:
            said = await self._requests.revocation(job.service_request)
            async with self._units.write() as unit:
                await revoke(
                    unit,
                    job.referral,
                    job.service_request,
                    said,
                    now=self._clock.now,
                    patience=self._patience,
                )
        except RequestUnreadableError:
            outcome = "waits" if await self._jobs.failed(job) else "given-up"
        else:
            outcome = "done"
        _log.info(
            "revocation.attempted",
            referral=job.referral,
            service_request=job.service_request,
            attempt=job.attempts + 1,
            outcome=outcome,
        )
