"""Which addresses are inside: private, loopback, shared, link-local, multicast."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: an IPv4 address inside an IPv6 one."""


def is_literal(host: str) -> bool:
    """Whether a host is written as a number."""
    return _address(host) is not None


def is_internal(host: str) -> bool:
    """Whether a host written as a number is not a public address; ``False`` for a name."""
    address = _address(host)
    return address is not None and (not address.is_global or address.is_multicast)


def is_link_local(host: str) -> bool:
    """Whether it is of this very network; cloud metadata services live there (RFC 3927)."""
    address = _address(host)
    return address is not None and address.is_link_local


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """What packets end up at: of an IPv6 address that stands for an IPv4 one, that."""
    try:
        address = ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address
