"""Which referrals are about the same person: what their Patients have in common."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from referral_contracts import systems
from referral_contracts.fhir import hetu as hetu_codes

Identity = tuple[str, str, str]
"""(client, system, value); of a valid HETU the client is empty, since it is the same everywhere."""


@dataclass(frozen=True, slots=True)
class PatientOf:
    """A referral's Patient by what identifies it."""

    referral: str
    identities: frozenset[Identity]


def identities(client: str, patient: Mapping[str, Any]) -> frozenset[Identity]:
    """What identifies the person: a valid HETU everywhere, any other identifier at the same client only. A
    name or a phone number identifies nobody.
    """
    found: set[Identity] = set()
    for identifier in patient.get("identifier", []):
        system, value = identifier.get("system"), identifier.get("value")
        if isinstance(system, str) and isinstance(value, str) and system and value:
            found.add(identity(client, system, value))
    return frozenset(found)


def identity(client: str, system: str, value: str) -> Identity:
    """One identity; see `identities`."""
    if system == systems.HETU and hetu_codes.is_valid(value.upper()):
        return ("", system, value.upper())
    return (client, system, value)


def same_person(
    patients: Iterable[PatientOf], *, referral: str | None = None, known: Identity | None = None
) -> Sequence[str]:
    """The referrals of the person of `referral`, or of whom `known` identifies: all that share an identity,
    however many steps away. Empty where there is nobody.
    """
    waiting = list(patients)
    identified = {known} if known is not None else set[Identity]()
    found = {one.referral for one in waiting if one.referral == referral}
    for one in waiting:
        if one.referral in found:
            identified |= one.identities
    grown = True
    while grown:
        matched = [one for one in waiting if one.identities & identified]
        waiting = [one for one in waiting if not one.identities & identified]
        found |= {one.referral for one in matched}
        identified = identified.union(*(one.identities for one in matched))
        grown = bool(matched)
    return sorted(found)
