"""Who may open a provider's page: a link names a referral, the organisation's PIN opens it for half an
hour."""

import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from referral_contracts.errors import LahettiError, refuse

SESSION = timedelta(minutes=30)
LOCKOUT = timedelta(minutes=15)
MOST_WRONG = 5

_PROVIDER = re.compile(r"[a-z0-9-]{1,40}").fullmatch
_PIN = re.compile(r"[0-9]{6,12}").fullmatch


@dataclass(frozen=True, slots=True)
class Link:
    """A way to one Task B. `closes_at` is set once the referral has closed."""

    digest: str
    task: str
    referral: str
    provider: str
    created_at: datetime
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PageSession:
    """Half an hour on one Task's page, opened with the PIN. `id` goes to the audit, `digest` is of the
    cookie."""

    id: str
    digest: str
    task: str
    provider: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PinState:
    """A provider's PIN, hashed, and how often it was given wrongly in a row."""

    provider: str
    hashed: str
    wrong: int = 0
    locked_until: datetime | None = None


def new_token() -> str:
    """A secret that nobody guesses: 256 bits, in letters fit for a URL."""
    return secrets.token_urlsafe(32)


def new_pin() -> str:
    """Eight digits."""
    return f"{secrets.randbelow(10**8):08d}"


def digest_of(token: str) -> str:
    """What is stored of a link or session: nobody who reads the database can open a page with it."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_provider(provider: str) -> bool:
    """Whether this can be a provider's id."""
    return _PROVIDER(provider) is not None


def check_pin(pin: str) -> None:
    """Raises `pin-unusable` unless `pin` is 6 to 12 digits."""
    if _PIN(pin) is None:
        raise refuse("pin-unusable")


def check_link(link: Link | None, at: datetime) -> Link:
    """The link, if it still works. Raises `link-unknown` or `link-closed`."""
    if link is None:
        raise refuse("link-unknown")
    if link.closes_at is not None and at >= link.closes_at:
        raise refuse("link-closed")
    return link


def locked(pin: PinState, at: datetime) -> LahettiError | None:
    """The refusal while the PIN is locked."""
    if pin.locked_until is None or at >= pin.locked_until:
        return None
    minutes = -(-(pin.locked_until - at).total_seconds() // 60)
    return refuse("pin-locked", minutes=f"{minutes:.0f}")


def after_wrong(pin: PinState, at: datetime) -> PinState:
    """The PIN after one more wrong try; the fifth in a row locks it for a quarter of an hour."""
    wrong = pin.wrong + 1
    if wrong < MOST_WRONG:
        return replace(pin, wrong=wrong, locked_until=None)
    return replace(pin, wrong=0, locked_until=at + LOCKOUT)


def after_right(pin: PinState) -> PinState:
    """The PIN after it was given rightly: the count of wrong tries starts again."""
    return replace(pin, wrong=0, locked_until=None)
