"""One message by way of Apprise, in a process of its own: read from stdin, outcome on stdout.

Only a process can be ended when its time is over, refuse every address of our own network to
whatever Apprise connects to, and keep to itself what the library logs.
"""

import json
import logging
import re
import signal
import socket
import sys
from typing import Any

from apprise import Apprise, AppriseAsset, LogCapture

from conscope_app.http.public_address import PrivateAddress, is_public

# How Apprise's services log the status of an answer that they did not like.
_STATUS = re.compile(r"\berror=(\d{3})\b")

_TALKS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


def refuse_private_addresses(refused: list[str]) -> None:
    """From here on this process reaches public addresses only; `refused` is told of others."""

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _TALKS:
            return
        stream, address = arguments[0], arguments[1]
        if address is None:
            return  # to whom it was connected, which was looked at
        if stream.family not in (socket.AF_INET, socket.AF_INET6) or not is_public(address[0]):
            refused.append(event)
            raise PrivateAddress("the name resolves to an address that is not public")

    sys.addaudithook(look)


def tell(order: dict[str, Any]) -> dict[str, Any]:
    """Send the message once; what came of it, without a word of the address."""
    refused: list[str] = []
    if not order["private"]:
        refuse_private_addresses(refused)
    asset = AppriseAsset(
        app_id="ConScope",
        storage_mode="memory",
        http_redirects=False,
        async_mode=False,
        allow_templates=False,
        service_timeout=order["seconds"],
    )
    apprise = Apprise(asset=asset)
    if not apprise.add(order["url"]):
        return {"outcome": "not understood"}
    capture = LogCapture(level=logging.WARNING)  # type: ignore[no-untyped-call]  # it has no types
    with capture as log:
        told = apprise.notify(title=order["title"], body=order["body"], notify_type=order["type"])
        statuses = [int(status) for status in _STATUS.findall(log.getvalue())]
    outcome = "told" if told else "private" if refused else "not told"
    return {"outcome": outcome, "statuses": statuses}


def main() -> None:
    """Do what stdin says, and end in time though nobody may be left to see to it."""
    order = json.load(sys.stdin)
    signal.setitimer(signal.ITIMER_REAL, order["seconds"])
    # What plugins print goes elsewhere: stdout is for the outcome alone.
    out, sys.stdout = sys.stdout, sys.stderr
    outcome = tell(order)
    json.dump(outcome, out)


if __name__ == "__main__":
    main()
