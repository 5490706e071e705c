"""The truth about a flow of referrals, kept outside the product: the EHRs' Tasks, the receivers' raw
requests, and the records in the topics."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from lahetti.demo.world import TopicRecord, World
from lahetti.simulators.ehr import EhrSimulator
from lahetti.simulators.provider import Notification
from referral_contracts.events import TaskDeliveryAsked
from support.faults_flow import LAST, RANK, Flow, Sent

TASK_TOPICS = "lahetti.tasks."


@dataclass(frozen=True, slots=True)
class Told:
    """An event for a provider, as its topic has it: once, however often it was published."""

    id: str
    type: str
    task: str


class Ledger:
    """Compares what was acknowledged with what came of it."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._world: World = flow.world
        self._before: dict[str, int] = {}

    def begin(self) -> None:
        """What reached the providers until now was not of this flow."""
        self._before = {name: len(provider.ledger) for name, provider in self._world.providers.items()}

    def unfinished(self, batch: Sequence[Sent]) -> list[Sent]:
        """Those whose Task A does not show its end yet."""
        return [sent for sent in batch if self._statuses(sent)[-1] != sent.status]

    def untold(self) -> int:
        """How many events no provider has taken yet, of all that the flow's endings need."""
        taken = {line.webhook_id for line in self._raw() if line.answered < 300}
        return sum(len(sent.events) for sent in self._flow.sent) - len(taken)

    def faults(self, records: Sequence[TopicRecord]) -> list[str]:
        """One line for each thing that is not as it must be; empty when all is well."""
        told, lines = told_by_referral(records), self._lines_by_task()
        return [
            f"{sent.referral.id or '(none)'} ({sent.round}, {sent.ending}): {fault}"
            for sent in self._flow.sent
            for fault in [
                *self._faults_of_task_a(sent),
                *_faults_of_notifications(sent, told[sent.referral.id], lines),
            ]
        ]

    def summary(self, records: Sequence[TopicRecord]) -> list[str]:
        """The numbers, repeats included, in lines to print."""
        sent, raw = self._flow.sent, self._raw()
        endings = Counter(each.ending for each in sent)
        ids = {line.webhook_id for line in raw}
        ends = [self._terminal_versions(each) for each in sent]
        published = [record for record in records if record.topic.startswith(TASK_TOPICS)]
        distinct = {record.headers["ce_id"] for record in published}
        everything = {record.headers["ce_id"] for record in records}
        told = ", ".join(f"{name} {count}" for name, count in sorted(endings.items()))
        ended, again = sum(n > 0 for n in ends), sum(max(0, n - 1) for n in ends)
        return [
            f"referrals acknowledged {len(sent)}: {told}",
            f"Task A: {ended} ended, {again} times the end was written again",
            f"webhooks: {len(raw)} raw requests, {len(ids)} webhook-ids, {len(raw) - len(ids)} repeats",
            f"events for providers: {len(published)} records, {len(distinct)} ids",
            f"events in all topics: {len(records)} records, {len(everything)} ids",
        ]

    def _raw(self) -> list[Notification]:
        return [
            line
            for name, provider in self._world.providers.items()
            for line in provider.ledger[self._before.get(name, 0) :]
        ]

    def _lines_by_task(self) -> Mapping[str, list[tuple[str, Notification]]]:
        found: dict[str, list[tuple[str, Notification]]] = defaultdict(list)
        for name, provider in self._world.providers.items():
            for line in provider.ledger:
                found[line.task].append((name, line))
        return found

    def _statuses(self, sent: Sent) -> list[str]:
        server, url = self._kept(sent)
        return server.statuses(url)

    def _terminal_versions(self, sent: Sent) -> int:
        server, url = self._kept(sent)
        return sum(RANK.get(version["status"], LAST) == LAST for version in server.versions(url))

    def _kept(self, sent: Sent) -> tuple[EhrSimulator, str]:
        server, url = self._world.ehrs[sent.ehr].server, sent.referral.task_a
        assert server
        assert url
        return server, url

    def _faults_of_task_a(self, sent: Sent) -> list[str]:
        statuses = self._statuses(sent)
        ranks = [RANK.get(status, LAST) for status in statuses]
        faults: list[str] = []
        if len(set(sent.answers)) != 1 or not sent.referral.id:
            faults.append(f"one request, several answers: {sent.answers}")
        if statuses[-1] != sent.status:
            faults.append(f"Task A shows {statuses[-1]}, not {sent.status}")
        if ranks != sorted(ranks) or ranks.count(LAST) > 1:
            faults.append(f"Task A went {statuses}")
        return faults


def told_by_referral(records: Sequence[TopicRecord]) -> Mapping[str, list[Told]]:
    """The events in providers' topics by referral, each where it stands first; what the platform asks
    itself there is for no provider."""
    found: dict[str, list[Told]] = defaultdict(list)
    for record in records:
        if record.topic.startswith(TASK_TOPICS) and record.type != TaskDeliveryAsked.type:
            told = Told(record.headers["ce_id"], record.type, orjson.loads(record.value)["task"])
            if told not in found[record.key]:
                found[record.key].append(told)
    return found


def _faults_of_notifications(
    sent: Sent, told: Sequence[Told], by_task: Mapping[str, list[tuple[str, Notification]]]
) -> list[str]:
    tasks = {each.task for each in told}
    if [each.type for each in told] != sent.events or len(tasks) != 1:
        return [
            f"the topic tells of {[each.type for each in told]} and {len(tasks)} Task(s), not {sent.events}"
        ]
    lines = by_task[tasks.pop()]
    ids = [line.webhook_id for _, line in lines if line.answered < 300]
    order = list(dict.fromkeys(ids))
    faults: list[str] = []
    if {name for name, _ in lines} != {sent.provider}:
        faults.append(f"told to {sorted({name for name, _ in lines})}, not to {sent.provider}")
    if order != [each.id for each in told]:
        faults.append(f"webhook-ids taken {order}, events {[each.id for each in told]}")
    sequences = [line.sequence or 0 for _, line in lines]
    if sequences != sorted(sequences):
        faults.append(f"out of order: {sequences}")
    if not all(line.verified for _, line in lines):
        faults.append("a webhook without a valid signature")
    return faults
