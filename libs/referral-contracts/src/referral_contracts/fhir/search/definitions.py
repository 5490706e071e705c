"""What can be searched for at the one public FHIR base, by resource type.

The CapabilityStatement is made from this table, and both services read queries by it, so what is told and
what is done cannot differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["token", "reference", "date"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A search parameter. `path` leads to its element from the resource, by names; `targets` are the types
    that a reference may point to, the first one where only an id is given; `system` is that of the codes of
    an element that holds a bare code."""

    name: str
    kind: Kind
    path: tuple[str, ...]
    targets: tuple[str, ...] = ()
    by_identifier: bool = False
    """Whether `:identifier` finds logical references."""
    system: str | None = None


_CLINICAL = frozenset({"patient", "identifier", "code"})
"""Parameters that R4 defines once for its clinical types, ServiceRequest and Consent among them."""


def definition(resource_type: str, name: str) -> str:
    """The canonical address of R4's own SearchParameter: every parameter here is one of R4's."""
    if name.startswith("_"):
        return f"http://hl7.org/fhir/SearchParameter/Resource-{name[1:]}"
    shared = resource_type in {"ServiceRequest", "Consent"} and name in _CLINICAL
    return f"http://hl7.org/fhir/SearchParameter/{'clinical' if shared else resource_type}-{name}"


@dataclass(frozen=True, slots=True)
class Include:
    """`_include=Type:name`, or `_revinclude`: what comes along with each match."""

    source: str
    name: str
    path: tuple[str, ...]
    targets: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"{self.source}:{self.name}"


@dataclass(frozen=True, slots=True)
class Searchable:
    """A type that can be searched for."""

    type: str
    parameters: tuple[Parameter, ...]
    includes: tuple[Include, ...] = ()
    revincludes: tuple[Include, ...] = ()
    order: Literal["_lastUpdated", "_id"] = "_lastUpdated"
    """How results are sorted where nobody says. Ids are in the order in which resources came to be."""
    by_name: Mapping[str, Parameter] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {one.name: one for one in (*COMMON, *self.parameters)})


COMMON = (Parameter("_id", "token", ("id",)), Parameter("_lastUpdated", "date", ("meta", "lastUpdated")))
"""Of every type."""

RESULT = ("_count", "_cursor", "_sort", "_summary", "_total", "_include", "_revinclude")
"""How results are told; `_cursor` is ours and stands in `next` links only."""

ANSWER = frozenset({"_format", "_pretty"})
"""Of every interaction; the edge has looked at them (https://hl7.org/fhir/R4/http.html#parameters)."""

_TASK_STATUS = "http://hl7.org/fhir/task-status"
_BOOLEAN = "http://terminology.hl7.org/CodeSystem/special-values"
"""What `true` and `false` are codes of (https://hl7.org/fhir/R4/search.html#token)."""

_PATIENT = ("Patient",)
_FOCUS = Include("Task", "focus", ("focus",), ("ServiceRequest",))

TASK = Searchable(
    "Task",
    (
        Parameter("owner", "reference", ("owner",), ("Organization",)),
        Parameter("status", "token", ("status",), system=_TASK_STATUS),
        Parameter("focus", "reference", ("focus",), ("ServiceRequest", "Task")),
        Parameter("patient", "reference", ("for",), _PATIENT),
        Parameter("subject", "reference", ("for",), _PATIENT),
        Parameter("requester", "reference", ("requester",), ("Organization",), by_identifier=True),
        Parameter("code", "token", ("code",)),
        Parameter("business-status", "token", ("businessStatus",)),
        Parameter("part-of", "reference", ("partOf",), ("Task",)),
        Parameter("authored-on", "date", ("authoredOn",)),
    ),
    includes=(
        _FOCUS,
        Include("Task", "patient", ("for",), _PATIENT),
        Include("Task", "subject", ("for",), _PATIENT),
        Include("Task", "owner", ("owner",), ("Organization",)),
    ),
)

_IDENTIFIER = Parameter("identifier", "token", ("identifier",))
_ORGANIZATION = ("Organization",)
_ACTIVE = Parameter("active", "token", ("active",), system=_BOOLEAN)

ORGANIZATION = Searchable("Organization", (_IDENTIFIER, _ACTIVE))

HEALTHCARE_SERVICE = Searchable(
    "HealthcareService",
    (
        _IDENTIFIER,
        _ACTIVE,
        Parameter("organization", "reference", ("providedBy",), _ORGANIZATION),
        Parameter("service-type", "token", ("type",)),
    ),
    includes=(Include("HealthcareService", "organization", ("providedBy",), _ORGANIZATION),),
)

ENDPOINT = Searchable(
    "Endpoint",
    (
        Parameter("organization", "reference", ("managingOrganization",), _ORGANIZATION),
        Parameter("status", "token", ("status",), system="http://hl7.org/fhir/endpoint-status"),
    ),
)

DIRECTORY: Mapping[str, Searchable] = {one.type: one for one in (ORGANIZATION, HEALTHCARE_SERVICE, ENDPOINT)}
"""What everybody may look up, but for the addresses."""

_SUBJECT = ("subject",)
_REQUESTERS = ("PractitionerRole", "Practitioner", "Organization")

SERVICE_REQUEST = Searchable(
    "ServiceRequest",
    (
        _IDENTIFIER,
        Parameter("status", "token", ("status",), system="http://hl7.org/fhir/request-status"),
        Parameter("intent", "token", ("intent",), system="http://hl7.org/fhir/request-intent"),
        Parameter("category", "token", ("category",)),
        Parameter("code", "token", ("code",)),
        Parameter("patient", "reference", _SUBJECT, _PATIENT),
        Parameter("subject", "reference", _SUBJECT, _PATIENT),
        Parameter("requester", "reference", ("requester",), _REQUESTERS, by_identifier=True),
        Parameter("performer", "reference", ("performer",), ("HealthcareService", "Organization")),
        Parameter("based-on", "reference", ("basedOn",), ("ServiceRequest",)),
        Parameter("authored", "date", ("authoredOn",)),
    ),
    includes=(
        Include("ServiceRequest", "patient", _SUBJECT, _PATIENT),
        Include("ServiceRequest", "subject", _SUBJECT, _PATIENT),
        Include("ServiceRequest", "requester", ("requester",), _REQUESTERS),
    ),
    revincludes=(_FOCUS,),
    order="_id",
)

PATIENT = Searchable("Patient", (_IDENTIFIER,), order="_id")
"""Neither by name nor by phone: what is asked for stands in an address."""

CONSENT = Searchable(
    "Consent",
    (
        _IDENTIFIER,
        Parameter("status", "token", ("status",), system="http://hl7.org/fhir/consent-state-codes"),
        Parameter("category", "token", ("category",)),
        Parameter("patient", "reference", ("patient",), _PATIENT),
    ),
    includes=(Include("Consent", "patient", ("patient",), _PATIENT),),
    order="_id",
)

REFERRALS: Mapping[str, Searchable] = {one.type: one for one in (SERVICE_REQUEST, PATIENT, CONSENT)}
"""What belongs to referrals at the gateway."""

AUDIT_EVENT = Searchable(
    "AuditEvent",
    (
        Parameter("patient", "reference", ("entity", "what"), _PATIENT),
        Parameter(
            "entity", "reference", ("entity", "what"), ("ServiceRequest", "Patient", "Task", "Consent")
        ),
        Parameter("agent", "reference", ("agent", "who"), _ORGANIZATION, by_identifier=True),
        Parameter("date", "date", ("recorded",)),
    ),
)
"""Who read whose data: for the county's officer."""

SEARCHES: Mapping[str, Searchable] = {
    TASK.type: TASK,
    **REFERRALS,
    **DIRECTORY,
    AUDIT_EVENT.type: AUDIT_EVENT,
}
"""All types that can be searched for."""
