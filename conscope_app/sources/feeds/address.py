"""The address of a feed: its host, and what is asked there; no key and no private network in it."""

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

from conscope_app.http.public_address import is_public
from conscope_app.sources.feeds.problems import BadField

_MOST_PARAMETERS = 100
# What is named like this is a secret: it would stand in the file, in logs and in recordings.
_SECRET = re.compile(
    r"(?:(?:api|access|app|auth|client|private|secret|session|x)[_-]?)?(?:key|secret|token)"
    r"|appid|auth|authorization|password|pwd|sig|signature"
)
# `token=ETH` is what somebody trades in. Keys are longer.
_SHORTEST_SECRET = 12

Parameters = tuple[tuple[str, str], ...]


class Place(NamedTuple):
    """Where to ask: the origin (`https://example.com`), the path, and what the address asks."""

    origin: str
    path: str
    query: Parameters


def read_place(url: str, *, private: bool) -> Place:
    """The address in parts. Raises `BadField`.

    An address of a private network is refused here where it is written out; a name is resolved, and
    looked at, when it is connected to.
    """
    parts = _split(url)
    if parts is None:
        raise BadField("url", "the address cannot be read: blanks and signs are written as %20")
    if "@" in parts.netloc or parts.fragment:
        raise BadField("url", "the address holds no user name, no password and no fragment")
    if parts.scheme != "https" and not private:
        raise BadField("url", "the address must begin with https:// (http:// only where private)")
    host = parts.hostname or ""
    if not private and _is_own(host):
        raise BadField("url", f"{host} is not of the public internet: say `private: true` for it")
    query = _parameters(parts)
    for name, value in query:
        refuse_secret("url", name, value)
    return Place(f"{parts.scheme}://{parts.netloc}", parts.path or "/", query)


def refuse_secret(field: str, name: str, value: str) -> None:
    """Raise `BadField` where a parameter is named as only keys are, and is as long as they are."""
    if len(value) >= _SHORTEST_SECRET and _SECRET.fullmatch(name.lower()):
        raise BadField(field, f"{name} looks like a key, and no key stands in this file: see `key`")


def follow(place: Place, path: str, link: str) -> tuple[str, Parameters] | None:
    """Path and parameters of a link in an answer from `path`; None where it leads elsewhere.

    Only to the same origin: the request that follows it carries the key.
    """
    try:
        parts = _split(urljoin(f"{place.origin}{path}", link))
        if parts is None or f"{parts.scheme}://{parts.netloc}" != place.origin:
            return None
        return parts.path or "/", _parameters(parts)
    except (ValueError, BadField):
        return None


def _split(url: str) -> SplitResult | None:
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_whole else None


def _parameters(parts: SplitResult) -> Parameters:
    try:
        found = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise BadField("url", f"it has over {_MOST_PARAMETERS} parameters") from None
    return tuple(found)


def _is_own(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return not is_public(host)
