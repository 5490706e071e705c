"""A Task as the collector keeps it: its state, its facts, and its document of the newest version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from referral_contracts.status_reasons import Following

from outcome_collector.domain.task_state import TaskState

Kind = Literal["A", "B", "stop"]
"""A: what the referrer follows. B: what one provider does, one a routing. stop: the referrer's wish to end a
Task that has started (`task-code#abort`)."""

OF_REFERRER: tuple[Kind, ...] = ("A", "stop")
"""What a record system reads of its own referrals."""

Mode = Literal["write", "poll", "subscribe"]
Awaited = Literal["delivery", "write-back"]


@dataclass(frozen=True, slots=True)
class Watch:
    """A fact that should follow `event` by `due`; the sweep publishes the event again when it is overdue."""

    event: str
    awaited: Awaited
    due: datetime
    times: int = 0


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The pathway's three clocks for one Task B: answered by, contacted by, reminded at."""

    accept_by: datetime
    contact_by: datetime
    remind_at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """`sequence` counts the referral's events to providers and lives on Task A, whose row is the referral's
    one lock. `provider` and `service_request` are those of B and stop; `mode`, `ehr_task` (absolute URL in
    mode
    write) and `return_permitted` those of A. `reroute` is what a B's end asked for."""

    id: str
    kind: Kind
    referral: str
    client: str
    version: int
    state: TaskState
    document: bytes
    last_updated: datetime
    test: bool = False
    protected: bool = False
    urgent: bool = False
    focus: str = ""
    service_request: str | None = None
    provider: str | None = None
    deadlines: Deadlines | None = None
    reroute: Following | None = None
    watch: Watch | None = None
    sequence: int = 0
    mode: Mode | None = None
    ehr_task: str | None = None
    return_permitted: bool = False
    permitted_until: datetime | None = None
    """When the permission ends: on A that to return more than the status, on B and stop that of its provider
    to have the referral; None where it has no end. A withdrawal sets it."""
    closed_at: datetime | None = None
    fresh: bool = False
    """Whether this version is new: only then it is kept beside the earlier ones."""

    def permits(self, at: datetime) -> bool:
        """Whether at `at` the client's permission lets this Task's reader have more than its status."""
        in_time = self.permitted_until is None or at < self.permitted_until
        return in_time and (self.kind != "A" or self.return_permitted)


@dataclass(frozen=True, slots=True)
class ReferralTasks:
    """All Tasks of one referral: its A, its Bs in the order of routing, its wishes to stop."""

    a: Task
    bs: tuple[Task, ...]
    stops: tuple[Task, ...] = ()

    @classmethod
    def of(cls, tasks: Sequence[Task]) -> "ReferralTasks":
        """Sorts the Tasks of one referral; exactly one of them is A. Ids sort by the time they were made."""
        ordered = sorted(tasks, key=lambda task: task.id)
        (a,) = (task for task in ordered if task.kind == "A")
        return cls(
            a,
            tuple(task for task in ordered if task.kind == "B"),
            tuple(task for task in ordered if task.kind == "stop"),
        )

    @property
    def all(self) -> tuple[Task, ...]:
        return (self.a, *self.bs, *self.stops)

    @property
    def placed(self) -> bool:
        """Whether any provider was asked; else the referral is held for a person, and there is no B."""
        return bool(self.bs)

    @property
    def newest(self) -> Task:
        return self.bs[-1]

    def task(self, task_id: str) -> Task | None:
        return next((task for task in self.all if task.id == task_id), None)

    def routed_as(self, service_request: str) -> Task | None:
        """The Task B of the routing `service_request`."""
        return next((task for task in self.bs if task.service_request == service_request), None)

    def open_stop(self, task_id: str) -> Task | None:
        """The unanswered wish to stop Task `task_id`."""
        reference = f"Task/{task_id}"
        return next((stop for stop in self.stops if stop.focus == reference and stop.state.is_open), None)
