"""Task A as its record system reads it here: with what is to be recorded of the referral."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from service_runtime.web.access import Caller

from outcome_collector.domain.recorded import NOTHING, Recording, with_recording
from outcome_collector.domain.task import Task
from outcome_collector.domain.task_documents import dumped, loaded
from outcome_collector.ports import Recordings, RecordingsUnknownError, StoredVersion


async def recorded_versions(
    recordings: Recordings, caller: Caller, versions: Sequence[StoredVersion]
) -> Sequence[StoredVersion]:
    """The versions of one Task. A provider gets them as they are; so does the record system while the
    gateway gives no answer: the status is what it waits for."""
    known = await _known(recordings, caller, [one.id for one in versions[:1]])
    if not known:
        return versions
    return [
        replace(one, document=_recorded(one.document, known.get(one.id, NOTHING), permitted=not one.withheld))
        for one in versions
    ]


async def recorded_tasks(
    recordings: Recordings, caller: Caller, tasks: Sequence[Task], at: datetime
) -> Sequence[Task]:
    """The same for what a search found at `at`."""
    known = await _known(recordings, caller, [task.id for task in tasks])
    if not known:
        return tasks
    return [
        replace(
            task, document=_recorded(task.document, known.get(task.id, NOTHING), permitted=task.permits(at))
        )
        for task in tasks
    ]


async def _known(recordings: Recordings, caller: Caller, referrals: Sequence[str]) -> dict[str, Recording]:
    """By Task A's id, which is the referral's; a wish to stop has another, of which nothing is known."""
    if caller.kind != "ehr" or not referrals:
        return {}
    try:
        found = await recordings.of(referrals)
    except RecordingsUnknownError:
        return {}
    return {one: recording for one, recording in found.items() if recording != NOTHING}


def _recorded(document: bytes, recording: Recording, *, permitted: bool) -> bytes:
    if recording == NOTHING:
        return document
    return dumped(with_recording(loaded(document), recording, permitted=permitted))
