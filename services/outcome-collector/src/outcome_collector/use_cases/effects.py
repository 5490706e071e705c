"""What one decision writes, gathered before any of it is written: Tasks, events, write-backs, in one
transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from referral_contracts.events import EventBody, TaskNotice, TaskStatusChanged
from referral_contracts.status_reasons import Following
from referral_contracts.topics import OUTCOMES, tasks_topic
from service_runtime.events import OutgoingEvent
from service_runtime.ids import new_id

from outcome_collector.domain.task import Task
from outcome_collector.domain.task_state import ENDED
from outcome_collector.ports import Access, Author, Decision, OneChange


@dataclass
class Effects:
    """Filled by decisions, written once. A Task that is changed twice is kept as it ends up."""

    added: list[Task] = field(default_factory=list[Task])
    changed: dict[str, Task] = field(default_factory=dict[str, Task])
    events: list[OutgoingEvent] = field(default_factory=list[OutgoingEvent])
    write_backs: list[Task] = field(default_factory=list[Task])

    def announce(self, topic: str, referral: str, body: EventBody, sequence: int | None = None) -> str:
        """Say `body` under `topic`, keyed by the referral; answers the event's id."""
        event = OutgoingEvent(
            new_id(), body.type, topic, referral, body.model_dump(mode="json"), sequence=sequence
        )
        self.events.append(event)
        return event.id

    def notify(self, kind: type[TaskNotice], b: Task, about: Task, sequence: int) -> str:
        """Tell the provider of `b` about Task `about`; `sequence` orders what its endpoints get of this
        referral."""
        provider = b.provider or ""
        body = kind(
            referral=b.referral,
            task=about.id,
            version=about.version,
            provider=provider,
            test=b.test,
            urgent=b.urgent,
            permitted_until=b.permitted_until,
        )
        return self.announce(tasks_topic(provider), b.referral, body, sequence)

    def status_changed(
        self, b: Task, *, releases_quota: bool = False, reroute: Following | None = None
    ) -> str:
        """Tell routing and quota that Task B has a new status; never the reason."""
        ended = b.state.status in ENDED
        body = TaskStatusChanged(
            referral=b.referral,
            service_request=b.service_request or "",
            task=b.id,
            version=b.version,
            status=b.state.status,
            releases_quota=releases_quota,
            reroute=reroute,
            ended_at=b.last_updated if ended else None,
        )
        return self.announce(OUTCOMES, b.referral, body)


async def write(
    unit: OneChange, effects: Sequence[Effects], author: Author, accesses: Sequence[Access] = ()
) -> None:
    """Write all `effects` at once, with the audit rows of what led to them."""
    await unit.keep(
        Decision(
            author,
            added=[task for one in effects for task in one.added],
            changed=[task for one in effects for task in one.changed.values()],
            events=[event for one in effects for event in one.events],
            write_backs=[task for one in effects for task in one.write_backs],
            accesses=accesses,
        )
    )
