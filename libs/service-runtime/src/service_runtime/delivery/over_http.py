"""What senders over HTTP share: the class of aiohttp's failures, and a receiver's Retry-After."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from service_runtime.delivery.classes import AttemptClass, class_of_exception
from service_runtime.public_addresses import NotPublicError


def class_of_http_error(error: Exception) -> AttemptClass:
    """The class of what an aiohttp request raised; an error that is not the network's is our own fault."""
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return AttemptClass.INVALID_URL
    if isinstance(getattr(error, "os_error", error), NotPublicError):
        return AttemptClass.ADDRESS_BLOCKED
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return AttemptClass.DNS
    if isinstance(error, aiohttp.ClientSSLError):
        return AttemptClass.TLS
    known = class_of_exception(error)
    # What is left of aiohttp's own errors is a connection that ended before a whole answer came.
    broken = known is AttemptClass.OWN_FAULT and isinstance(error, aiohttp.ClientError)
    return AttemptClass.RESET if broken else known


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The receiver's Retry-After in seconds from `now` (RFC 9110, section 10.2.3: seconds or a date); None
    where there is none that can be read."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())
