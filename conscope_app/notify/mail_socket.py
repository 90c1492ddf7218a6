"""A connection to a mail server, looked at before a word is said on it."""

import asyncio
import socket

from conscope_app.http.public_address import must_be_public


async def connected(host: str, port: int, *, private: bool) -> socket.socket:
    """A socket that is connected to the first of the host's addresses that answers.

    Raises `OSError`; `PrivateAddress` where that one is not public, unless it may be `private`.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failure: OSError | None = None
    for family, kind, protocol, _, address in found:
        stream = socket.socket(family, kind, protocol)
        try:
            stream.setblocking(False)
            await loop.sock_connect(stream, address)
            if not private:
                must_be_public(stream)
        except OSError as error:
            stream.close()
            failure = error
        except BaseException:
            stream.close()
            raise
        else:
            return stream
    raise failure or OSError("the name has no address")
