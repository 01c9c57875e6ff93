"""Where a request came from, as far as it may be known and said.

An address is personal data. It is used in memory to bound failed attempts, and what is recorded is its class only.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network

_IPV6_SITE_BITS = 64


class SourceClass(StrEnum):
    """All that a record says about the origin of a request."""

    LOOPBACK = "loopback"
    PRIVATE = "private"
    PUBLIC = "public"
    UNKNOWN = "unknown"


def client_address(environ: Mapping[str, Any], proxies: Sequence[Network]) -> str:
    """The address that the request came from, or an empty text where there is none.

    X-Forwarded-For counts only if the peer is a declared proxy, and then by its rightmost entry that no declared proxy wrote:
    everything to the left of it is the client's own claim.
    """
    hops = [str(environ.get("REMOTE_ADDR", ""))]
    if proxies:
        claimed = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        hops += [hop.strip() for hop in reversed(claimed) if hop.strip()]
    for hop in hops:
        address = _parse(hop)
        if address is None:
            return ""
        if not any(address in proxy for proxy in proxies):
            return str(address)
    return hops[-1]


@lru_cache(maxsize=1024)
def may_connect(peer: str, proxies: tuple[Network, ...]) -> bool:
    """Whether a connection's own address is one of the proxies, or this host."""
    address = _parse(peer)
    return address is not None and (address.is_loopback or any(address in proxy for proxy in proxies))


def classify(address: str) -> SourceClass:
    """The class of an address."""
    parsed = _parse(address)
    if parsed is None:
        return SourceClass.UNKNOWN
    if parsed.is_loopback:
        return SourceClass.LOOPBACK
    return SourceClass.PUBLIC if parsed.is_global else SourceClass.PRIVATE


def site(address: str) -> str:
    """What one party can be expected to hold: an IPv4 address, or the /64 of an IPv6 address."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _IPV6_SITE_BITS), strict=False))
    return address


def _parse(text: str) -> Any:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
