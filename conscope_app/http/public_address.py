"""Whether somebody who was reached is of the public internet, and not of our own network."""

import ipaddress
import socket

# An address of IPv6 in which one of IPv4 stands, that a gateway speaks to: RFC 6052 for NAT64, and
# RFC 4291, 2.5.5.1 for those that are called compatible.
_CARRYING = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96")))
# NAT64 within one network (RFC 8215): only that network knows where the other address stands in it.
_OWN_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
_LAST_32_BITS = 0xFFFF_FFFF


class PrivateAddress(OSError):
    """The name resolves to an address that is not of the public internet."""


def is_public(host: str) -> bool:
    """Whether an address, written out, is one of the public internet; a name is not."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    carried = _carried(address)
    if carried is not None:
        return carried.is_global and not carried.is_multicast
    is_own = address.is_site_local or address.is_multicast or address in _OWN_NAT64
    return address.is_global and not is_own


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address of IPv4 that is spoken to by this one; None: there is none in it."""
    if any(address in network for network in _CARRYING):
        return ipaddress.IPv4Address(int(address) & _LAST_32_BITS)
    return address.ipv4_mapped or address.sixtofour


def must_be_public(stream: socket.socket) -> None:
    """Raise `PrivateAddress` where the other end of a connection is not public.

    Of the connection, not of its name: a name may resolve to another address the next time.
    """
    if not is_public(stream.getpeername()[0]):
        raise PrivateAddress("the name resolves to an address that is not public")
