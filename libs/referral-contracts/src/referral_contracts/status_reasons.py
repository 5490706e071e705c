"""The code system `referral-status-reason`: why a Task was refused, paused, cancelled or failed, and what
follows from it (D20).

`withheld` is no reason of its own: Task A carries it where the permission lets nothing but the status go
back."""

from dataclasses import dataclass, field
from typing import Literal

Actor = Literal["provider", "referrer", "platform"]
Initiator = Literal["client", "provider", "referrer", "platform"]
Reroute = Literal["automatic", "case", "never"]
"""Who looks for another provider: the platform, a person, or nobody."""
Following = Reroute | Literal["review"]
"""What an end asks for: as its reason's `reroute`; `review` where a person first has to read why."""
QuotaRule = Literal["no", "yes", "if-not-started"]

REASON_STATUSES = frozenset({"rejected", "on-hold", "cancelled", "failed"})
"""Statuses that need a reason; every other one forbids it (pa-taskrm-1 of the Physical Activity IG)."""


@dataclass(frozen=True, slots=True)
class StatusReason:
    """One concept. `before` and `after` are the statuses that it may lead to before and after the provider
    accepted; `reroute` is None where the Task does not end."""

    code: str
    fi: str
    sv: str
    en: str
    initiator: Initiator | None
    usable_by: frozenset[Actor]
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    releases_quota: QuotaRule = "no"
    reroute: Reroute | None = None
    comment_mandatory: bool = False
    needs_contact_attempts: bool = field(default=False, kw_only=True)


_PROVIDER: frozenset[Actor] = frozenset({"provider"})
_REFERRER: frozenset[Actor] = frozenset({"referrer"})
_PLATFORM: frozenset[Actor] = frozenset({"platform"})
_REJECTED, _FAILED, _CANCELLED, _ON_HOLD = (
    frozenset({status}) for status in ("rejected", "failed", "cancelled", "on-hold")
)


def _pause(code: str, fi: str, sv: str, en: str, initiator: Initiator) -> StatusReason:
    return StatusReason(code, fi, sv, en, initiator, _PROVIDER, after=_ON_HOLD)


_ALL = (
    StatusReason(
        "client-not-reached",
        "asiakasta ei tavoitettu",
        "klienten kunde inte nås",
        "client not reached",
        "provider",
        _PROVIDER,
        _REJECTED,
        _FAILED,
        "no",
        "never",
        needs_contact_attempts=True,
    ),
    StatusReason(
        "client-declined",
        "asiakas kieltäytyi",
        "klienten avböjde",
        "client declined",
        "client",
        _PROVIDER,
        _REJECTED,
        _FAILED,
        "if-not-started",
        "never",
    ),
    StatusReason(
        "life-situation-changed",
        "asiakkaan elämäntilanne muuttunut",
        "klientens livssituation har förändrats",
        "the client's life situation has changed",
        "client",
        _PROVIDER,
        _REJECTED,
        _FAILED,
        "if-not-started",
        "never",
    ),
    StatusReason(
        "wrong-referral",
        "virheellinen asiakasohjaus",
        "felaktig hänvisning",
        "wrong referral",
        "provider",
        _PROVIDER,
        _REJECTED,
        _FAILED,
        "yes",
        "case",
    ),
    StatusReason(
        "client-died",
        "asiakas kuollut",
        "klienten har avlidit",
        "the client has died",
        "client",
        _PROVIDER | _REFERRER,
        _REJECTED | _CANCELLED,
        _FAILED | _CANCELLED,
        "yes",
        "never",
    ),
    StatusReason(
        "no-capacity",
        "ei vapaita paikkoja",
        "inga lediga platser",
        "no free places",
        "provider",
        _PROVIDER,
        _REJECTED,
        _FAILED,
        "yes",
        "automatic",
    ),
    StatusReason(
        "no-response-in-time",
        "ei vastausta määräajassa",
        "inget svar inom utsatt tid",
        "no response in time",
        "platform",
        _PLATFORM,
        _CANCELLED,
        _FAILED,
        "yes",
        "automatic",
    ),
    StatusReason(
        "permission-withdrawn",
        "lupa peruttu",
        "tillståndet har återkallats",
        "permission withdrawn",
        "client",
        _PLATFORM,
        _CANCELLED,
        _CANCELLED,
        "yes",
        "never",
    ),
    StatusReason(
        "no-longer-needed",
        "ei enää tarpeen",
        "behövs inte längre",
        "no longer needed",
        "referrer",
        _REFERRER,
        _CANCELLED,
        _CANCELLED,
        "yes",
        "never",
    ),
    StatusReason(
        "raised-in-error",
        "tehty virheellisesti",
        "gjord av misstag",
        "raised in error",
        "referrer",
        _REFERRER,
        _CANCELLED,
        _CANCELLED,
        "yes",
        "never",
    ),
    _pause(
        "waiting-for-client", "odottaa asiakasta", "väntar på klienten", "waiting for the client", "client"
    ),
    _pause(
        "client-away-or-ill",
        "odottaa: asiakas poissa tai sairaana",
        "väntar: klienten är borta eller sjuk",
        "waiting: the client is away or ill",
        "client",
    ),
    _pause("waiting-for-place", "odottaa paikkaa", "väntar på en plats", "waiting for a place", "provider"),
    _pause(
        "awaiting-information",
        "odottaa lisätietoa",
        "väntar på mer information",
        "awaiting information",
        "provider",
    ),
    _pause(
        "provider-paused",
        "odottaa: palvelu on tauolla",
        "väntar: tjänsten har paus",
        "waiting: the service is paused",
        "provider",
    ),
    StatusReason(
        "withheld",
        "syytä ei luovuteta",
        "orsaken lämnas inte ut",
        "the reason is withheld",
        None,
        frozenset(),
    ),
    StatusReason(
        "other",
        "muu syy",
        "annan orsak",
        "another reason",
        None,
        _PROVIDER | _REFERRER,
        _REJECTED | _CANCELLED,
        _FAILED | _CANCELLED | _ON_HOLD,
        "no",
        "case",
        comment_mandatory=True,
    ),
)

STATUS_REASONS: dict[str, StatusReason] = {reason.code: reason for reason in _ALL}
WITHHELD = "withheld"


def reasons_for(actor: Actor, status: str, *, accepted: bool) -> tuple[StatusReason, ...]:
    """The reasons with which `actor` may lead a Task to `status`; `accepted` says whether it ever was."""
    return tuple(
        reason
        for reason in _ALL
        if actor in reason.usable_by and status in (reason.after if accepted else reason.before)
    )


def releases_quota(reason: StatusReason, *, started: bool) -> bool:
    """Whether a Task that ended for `reason` gives the agreement's number back; `started` = it was in
    progress."""
    return reason.releases_quota == "yes" or (reason.releases_quota == "if-not-started" and not started)
