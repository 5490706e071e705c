"""Who read or changed whose data: the rows of both vaults' audits, as they are asked for and as AuditEvents
(https://hl7.org/fhir/R4/auditevent.html).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from referral_contracts.fhir.search.query import Condition, Query, Reference, Token
from referral_contracts.systems import CANONICAL

CLIENT_SYSTEM = f"{CANONICAL}/NamingSystem/client"
_REST = {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"}
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_INTERACTIONS = {
    "read": "read",
    "vread": "vread",
    "history": "history-instance",
    "search": "search-type",
    "create": "create",
    "update": "update",
    "patch": "patch",
    "erase": "delete",
    "export": "operation",
}
_ACTIONS = {"create": "C", "update": "U", "patch": "U", "erase": "D", "search": "E", "export": "E"}
_MINOR_FAILURE, _SUCCESS = "4", "0"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
OF_REFERRAL = ("Patient", "ServiceRequest")
"""Types of which a referral has one under its own id."""


class AuditRow(BaseModel):
    """One look at, or change of, one document. `outcome` is `given`, or why it was not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    at: datetime
    service: str
    client: str
    kind: str
    action: str
    type: str
    resource: str
    outcome: str = "given"
    version: int | None = None
    referral: str | None = None
    on_behalf_of: str | None = None
    session: str | None = None


class AuditFilter(BaseModel):
    """Which rows are asked for; all conditions hold together. A list inside one holds alternatives."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    entities: tuple[tuple[str, ...], ...] = ()
    """Alternatives such as `Task/<id>`; a referral's own Patient or ServiceRequest finds all that is about
    the referral."""
    agents: tuple[tuple[str, ...], ...] = ()
    """Ids of clients, or of providers for whom somebody read."""
    ids: tuple[tuple[str, ...], ...] = ()
    since: datetime | None = None
    before: datetime | None = None
    after_at: datetime | None = None
    """Where the page before ended: the time and id of its last row."""
    after_id: str = ""
    descending: bool = False
    most: int = 50
    counted: bool = False

    @classmethod
    def of(cls, query: Query) -> "AuditFilter":
        """What a search for AuditEvents asks for; one row more than a page holds, to know of a next one."""
        entities, agents, ids = [], [], []
        since: datetime | None = None
        before: datetime | None = None
        for condition in query.conditions:
            if condition.parameter.name in {"patient", "entity"}:
                entities.append(_references(condition))
            elif condition.parameter.name == "agent":
                agents.append(tuple(one.rpartition("/")[2] for one in _references(condition)))
            elif condition.parameter.name == "_id":
                ids.append(tuple(one.code or "" for one in condition.values if isinstance(one, Token)))
            else:
                since, before = _narrowed(condition, since, before)
        return cls(
            entities=tuple(entities),
            agents=tuple(agents),
            ids=tuple(ids),
            since=since,
            before=before,
            after_at=query.cursor.last_updated if query.cursor else None,
            after_id=query.cursor.id if query.cursor else "",
            descending=query.descending,
            most=query.count + 1,
            counted=query.wants_total,
        )

    @property
    def referrals(self) -> list[list[str]]:
        """For each condition on entities, the referrals that it names whole."""
        return [
            [
                one.partition("/")[2]
                for one in alternatives
                if one.partition("/")[0] in OF_REFERRAL and _is_id(one)
            ]
            for alternatives in self.entities
        ]


class AuditRows(BaseModel):
    """What one vault answers; `total` only where it was asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: tuple[AuditRow, ...]
    total: int | None = None


def parse_filter(body: bytes) -> AuditFilter | None:
    """The filter that another service asks by; None where it is none."""
    try:
        return AuditFilter.model_validate_json(body)
    except ValidationError:
        return None


def merged(answers: Sequence[AuditRows], asked: AuditFilter) -> AuditRows:
    """The rows of all vaults as one answer, in the order asked for."""
    rows = sorted(
        (row for answer in answers for row in answer.rows),
        key=lambda row: (row.at, row.id),
        reverse=asked.descending,
    )
    total = sum(answer.total or 0 for answer in answers) if asked.counted else None
    return AuditRows(rows=tuple(rows[: asked.most]), total=total)


def audit_event(row: AuditRow) -> dict[str, Any]:
    """The row as an AuditEvent: who, when, what of which referral, and whether it was given."""
    named = [f"{row.type}/{row.resource}"] if row.resource else []
    named += [f"{kind}/{row.referral}" for kind in OF_REFERRAL] if row.referral else []
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": row.id,
        "meta": {"lastUpdated": row.at.isoformat(timespec="microseconds")},
        "type": dict(_REST),
        "subtype": [{"system": _INTERACTION, "code": _INTERACTIONS.get(row.action, "operation")}],
        "action": _ACTIONS.get(row.action, "R"),
        "recorded": row.at.isoformat(timespec="microseconds"),
        "outcome": _SUCCESS if row.outcome == "given" else _MINOR_FAILURE,
        "outcomeDesc": row.outcome,
        "agent": _agents(row),
        "source": {"observer": {"display": row.service}},
    }
    if row.action in {"read", "vread", "history", "search"} and row.kind in {"provider", "service"}:
        event["purposeOfEvent"] = [_purpose("TREAT")]
    elif row.kind == "staff":
        event["purposeOfEvent"] = [_purpose("HOPERAT")]
    if named:
        event["entity"] = [{"what": {"reference": one}} for one in dict.fromkeys(named)]
    if named and row.version is not None:
        event["entity"][0]["what"]["reference"] += f"/_history/{row.version}"
    return event


def _agents(row: AuditRow) -> list[dict[str, Any]]:
    caller: dict[str, Any] = {
        "role": [{"text": row.kind}],
        "who": {"identifier": {"system": CLIENT_SYSTEM, "value": row.client}},
        "requestor": True,
    }
    if row.kind == "provider":
        caller["who"]["reference"] = f"Organization/{row.client}"
    if row.session is not None:
        caller["name"] = f"session {row.session}"
    agents = [caller]
    if row.on_behalf_of is not None:
        provider = {"reference": f"Organization/{row.on_behalf_of}"}
        agents.append({"role": [{"text": "provider"}], "who": provider, "requestor": False})
    return agents


def _purpose(code: str) -> Mapping[str, Any]:
    return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": code}]}


def _references(condition: Condition) -> tuple[str, ...]:
    found: list[str] = []
    for value in condition.values:
        if isinstance(value, Reference):
            whose = value.identifier.code if value.identifier else value.text
            found.append("/".join((whose or "").split("/")[-2:]))
    return tuple(found)


def _narrowed(
    condition: Condition, since: datetime | None, before: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Several dates narrow each other; alternatives inside one are told by what spans them all."""
    bounds = [value.bounds for value in condition.values if not isinstance(value, Reference | Token)]
    starts, ends = [one[0] for one in bounds], [one[1] for one in bounds]
    start = None if None in starts else min(one for one in starts if one is not None)
    end = None if None in ends else max(one for one in ends if one is not None)
    since = max((one for one in (since, start) if one is not None), default=None)
    before = min((one for one in (before, end) if one is not None), default=None)
    return since, before


def _is_id(reference: str) -> bool:
    return _UUID(reference.partition("/")[2]) is not None
