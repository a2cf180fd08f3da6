"""Which addresses a request that somebody else chose may reach.

The name is resolved once and the caller connects to the very address that was checked, so a name that changes its answer
between check and connection (DNS rebinding) gains nothing.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from core.errors import Refused, RetryLater

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the numeric addresses of a host; raises OSError when there are none."""

_REFUSED = tuple(
    ip_network(text)
    for text in (
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba Cloud keeps its metadata service at 100.100.100.200
        "168.63.129.16/32",  # Azure's wire server, a public address that only answers inside
        "192.88.99.0/24",  # 6to4 relays
        "::/96",  # IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # site-local
    )
)


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """Addresses as the operating system gives them."""
    rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(row[4][0]) for row in rows]


def is_inward(address: Address, allow: Networks = ()) -> bool:
    """Whether an address leads anywhere but the public internet; networks in `allow` are permitted."""
    if any(address in network for network in allow):
        return False
    return not address.is_global or address.is_multicast or any(address in network for network in _REFUSED)


def check_url(url: str) -> httpx.URL:
    """The URL parsed, with scheme http or https, a host and no login; else `Refused`. Resolves nothing."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise Refused("bad_url", "the address cannot be read as a URL") from error
    if parsed.scheme not in {"http", "https"}:
        raise Refused("bad_scheme", "the address must begin with http:// or https://")
    if not parsed.host or parsed.userinfo:
        raise Refused("bad_url", "the address needs a host and must not hold a login")
    return parsed


def _literal(host: str) -> Address | None:
    """The address that a host is written as, None for a name."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


async def resolve(host: str, port: int, allow: Networks = (), resolver: Resolver = system_resolver) -> list[Address]:
    """Addresses of a host, all of them checked.

    Raises:
        Refused: `inward_address`, when any one of them is inward.
        RetryLater: the name has no address now.
    """
    try:
        texts = [host] if _literal(host) else await resolver(host, port)
        found = [ip_address(text.partition("%")[0]) for text in texts]
    except (OSError, ValueError) as error:  # UnicodeError of an impossible name is a ValueError
        raise RetryLater("the host name cannot be resolved", after=60.0) from error
    if not found:
        raise RetryLater("the host name has no address", after=60.0)
    if any(is_inward(address, allow) for address in found):
        raise Refused("inward_address", "the host is inside a private, local or reserved network")
    return found


class PinnedTransport(httpx.AsyncBaseTransport):
    """Connects to an address that was checked; Host header and TLS name stay those of the URL.

    Connections are not kept: a pool would know them by address and lend one host's TLS connection to another host there.
    """

    def __init__(self, allow: Networks = (), resolver: Resolver = system_resolver) -> None:
        self._allow = allow
        self._resolver = resolver
        self._inner = httpx.AsyncHTTPTransport(
            trust_env=False, limits=httpx.Limits(max_connections=None, max_keepalive_connections=0)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Resolve, check, and send to the first address that takes the connection."""
        url = check_url(str(request.url))
        port = url.port or (443 if url.scheme == "https" else 80)
        *others, last = await resolve(url.host, port, self._allow, self._resolver)
        for address in others:
            try:
                return await self._send(request, url, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # nothing of the request was sent yet
        return await self._send(request, url, last)

    async def _send(self, request: httpx.Request, url: httpx.URL, address: Address) -> httpx.Response:
        pinned = httpx.Request(
            request.method,
            url.copy_with(host=str(address)),
            headers=request.headers,  # holds the Host header of the URL as the client wrote it
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},
        )
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()
