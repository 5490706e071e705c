"""A referrer's wish to stop as it is posted: an abort Task about its Task A, and what it asks of that one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from referral_contracts.errors import Issue, LahettiError, refuse
from referral_contracts.fhir.references import rewritten
from referral_contracts.fhir.validation import validate
from referral_contracts.systems import CANONICAL, TASK_CODE

from outcome_collector.domain.task import ReferralTasks, Task
from outcome_collector.domain.task_documents import Document, code_in, loaded

PROFILE = f"{CANONICAL}/StructureDefinition/lahetti-abort-task"
_CHECKED = ("for", "partOf")
_ELSEWHERE = {"Task.statusReason": "Task.reasonCode", "Task.status": "Task.focus"}
"""Where in the wish stands what a change of Task A has in another element."""


@dataclass(frozen=True, slots=True)
class StopWish:
    """`focus` is the id of the Task A that shall end; `document` what was posted, which keeps its profile."""

    focus: str
    document: Document

    @property
    def identifiers(self) -> Sequence[Document]:
        found: list[Document] = self.document.get("identifier", [])
        return found

    def names(self, stop: Task) -> bool:
        """Whether `stop` was asked for under one of the wish's identifiers."""
        known = {_named(one) for one in loaded(stop.document).get("identifier", ())}
        return any(_named(one) in known for one in self.identifiers if "value" in one)

    def original(self, tasks: ReferralTasks) -> Task | None:
        """The wish of the referral that this one repeats: by its identifier, or as no other can be asked
        while one waits for its answer."""
        named = next((stop for stop in tasks.stops if self.names(stop)), None)
        if named is not None or not tasks.placed:
            return named
        return tasks.open_stop(tasks.newest.id)

    def change_of(self, a: Task) -> list[dict[str, Any]]:
        """The JSON Patch of Task A that says the same. Raises `invalid-value` where client or referral are
        others than those of `a`."""
        before = loaded(a.document)
        own = {"for": before["for"]["reference"], "partOf": f"Task/{a.id}"}
        issues = [
            Issue("invalid-value", (place,))
            for name in _CHECKED
            for place, reference in _references(self.document, name)
            if reference is not None and reference != own[name]
        ]
        if issues:
            raise LahettiError(*issues)
        operations: list[dict[str, Any]] = [
            {"op": "replace", "path": "/status", "value": "cancelled"},
            {"op": "add", "path": "/statusReason", "value": self.document["reasonCode"]},
        ]
        if notes := self.document.get("note"):
            operations.append({"op": "add", "path": "/note", "value": [*before.get("note", ()), *notes]})
        return operations


def read_wish(posted: Document, base: str) -> StopWish:
    """The wish in `posted`; references may stand below `base`, the public FHIR base.

    Raises `unknown-resource-type`, `task-code-unusable` for a Task of another kind, all that breaks R4 or the
    profile, and `dangling-reference` for a focus that can be no Task of ours."""
    if posted.get("resourceType") != "Task":
        raise refuse("unknown-resource-type", "Task")
    code = posted.get("code")
    if isinstance(code, dict) and code_in(code, TASK_CODE) != "abort":
        raise refuse("task-code-unusable", "Task.code")
    issues = validate(posted, PROFILE, resource_type="Task")
    issues += [Issue("unknown-element", (f"Task.{name}",)) for name in _UNHEEDED if name in posted]
    if not issues and posted["status"] != "requested":
        issues.append(Issue("invalid-value", ("Task.status",)))
    if issues:
        raise LahettiError(*issues)
    document = _below(posted, f"{base}/")
    focus: str = document["focus"].get("reference", "")
    kind, _, task = focus.partition("/")
    if kind != "Task" or not task or "/" in task:
        raise refuse("dangling-reference", "Task.focus")
    return StopWish(task, document)


_UNHEEDED = ("modifierExtension", "implicitRules")
"""What could turn the wish into another, and nobody here understands."""


def at_home(issues: Sequence[Issue]) -> list[Issue]:
    """The issues of the change of Task A, with their places in the wish."""
    return [
        replace(issue, expression=tuple(_ELSEWHERE.get(place, place) for place in issue.expression))
        for issue in issues
    ]


def _named(identifier: Mapping[str, Any]) -> tuple[Any, Any]:
    return identifier.get("system"), identifier.get("value")


def _references(document: Document, name: str) -> list[tuple[str, str | None]]:
    found = document.get(name, [])
    if isinstance(found, dict):
        return [(f"Task.{name}", found.get("reference"))]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    return [(f"Task.{name}[{index}]", one.get("reference")) for index, one in enumerate(found)]


def _below(posted: Document, base: str) -> Document:
    """`posted` with its absolute references below `base` made relative."""
    return rewritten(posted, lambda text: text.removeprefix(base))
