"""Outgoing calls to addresses that others name: only to the public network, so that nobody makes us ask our
own (server-side request forgery, CWE-918).
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

_NAT64 = IPv6Network("64:ff9b::/96")


class NotPublicError(OSError):
    """The address is not one of the public network; the text is a constant."""

    def __init__(self) -> None:
        super().__init__("not a public address")


def is_public(address: str) -> bool:
    """Whether the IP `address` is a single host of the public network, also where it wraps an IPv4 one."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        found = inner or found
    return found.is_global and not found.is_multicast


def check_public_url(url: str) -> None:
    """Raise NotPublicError where `url` is not https, or names an IP address that is not public. Names are
    checked where they are resolved.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or not host:
        raise NotPublicError
    try:
        ip_address(host)
    except ValueError:
        return
    if not is_public(host):
        raise NotPublicError


class PublicResolver(AbstractResolver):
    """Resolves names, and refuses one as soon as any of its addresses is not public. The connection goes to
    the addresses that were checked: a name that changes meanwhile wins nothing.
    """

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of `host`. Raises NotPublicError, and OSError where it has none."""
        found = await self._inner.resolve(host, port, family)
        if not all(is_public(one["host"]) for one in found):
            raise NotPublicError
        return found

    async def close(self) -> None:
        """Nothing is kept open."""
        await self._inner.close()
