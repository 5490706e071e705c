"""The code system `referral-progress`, carried by Task.businessStatus: what happens between two statuses."""

from dataclasses import dataclass

from referral_contracts.status_reasons import Actor


@dataclass(frozen=True, slots=True)
class Progress:
    """One concept, and who may set it."""

    code: str
    fi: str
    sv: str
    en: str
    usable_by: frozenset[Actor]


_PROVIDER: frozenset[Actor] = frozenset({"provider"})
_PLATFORM: frozenset[Actor] = frozenset({"platform"})

# fmt: off
_ALL = (
    Progress("delivered", "ilmoitus perillä", "meddelandet har kommit fram",
              "notification delivered", _PLATFORM),
    Progress("opened", "avattu", "öppnad", "opened", _PROVIDER | _PLATFORM),
    Progress("contact-attempted", "yhteyttä yritetty", "kontaktförsök gjort", "contact attempted", _PROVIDER),
    Progress("contacted", "asiakas tavoitettu", "klienten har nåtts", "client contacted", _PROVIDER),
    Progress("scheduled", "aika sovittu", "tid bokad", "appointment scheduled", _PROVIDER),
    Progress("no-show", "asiakas ei saapunut", "klienten uteblev", "client did not come", _PROVIDER),
    Progress("appointment-cancelled", "aika peruttu", "tiden avbokad", "appointment cancelled", _PROVIDER),
    Progress("started", "aloitettu", "påbörjad", "started", _PROVIDER),
    Progress("waitlisted", "jonossa", "i kö", "on a waiting list", _PROVIDER | _PLATFORM),
    Progress("awaiting-information", "odottaa lisätietoa", "väntar på mer information",
              "awaiting information", _PROVIDER),
    Progress("cancellation-requested", "peruutusta pyydetty", "avbokning begärd",
              "cancellation requested", _PLATFORM),
    Progress("rerouted", "ohjattu toiselle palveluntuottajalle", "hänvisad till en annan producent",
              "sent on to another provider", _PLATFORM),
    Progress("notification-delayed", "ilmoitus viivästynyt", "meddelandet är försenat",
              "notification delayed", _PLATFORM),
    Progress("needs-attention", "vaatii huomiota", "kräver uppmärksamhet", "needs attention", _PLATFORM),
)
# fmt: on

PROGRESS: dict[str, Progress] = {progress.code: progress for progress in _ALL}
