"""Whether somebody who was reached is of the public internet, and not of our own network."""

import ipaddress
import socket


class PrivateAddress(OSError):
    """The name resolves to an address that is not of the public internet."""


def is_public(host: str) -> bool:
    """Whether an address, written out, is one of the public internet; a name is not."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_global


def must_be_public(stream: socket.socket) -> None:
    """Raise `PrivateAddress` where the other end of a connection is not public.

    Of the connection, not of its name: a name may resolve to another address the next time.
    """
    if not is_public(stream.getpeername()[0]):
        raise PrivateAddress("the name resolves to an address that is not public")
