"""Addresses of offers, as they come from outside: those that a message may link to."""

import re
from urllib.parse import urlsplit

# Discord's bound for an embed's url; nobody else takes much longer ones.
_MAX_URL = 2_048

_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def linkable(url: str | None) -> str | None:
    """The address, if it is one of the web that every channel can read; doubtful ones are None."""
    url = url or ""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return None
    if _HOST.fullmatch((parts.hostname or "").rstrip(".")) is None:
        return None
    return url if len(url) <= _MAX_URL else None


def own_url(listing_url: str | None, own_id: str) -> str | None:
    """The listing's address with an id of its own as its fragment; None where it has none.

    Discord drops embeds that share their url with an earlier one of the same message, and refuses
    the whole message for a url that it cannot read: so each is made unique, and doubtful ones are
    left out.
    """
    url = linkable(listing_url)
    if url is None:
        return None
    # A page that finds its way by the fragment keeps it.
    joint = "&" if urlsplit(url).fragment else "" if url.endswith("#") else "#"
    own = f"{url}{joint}{own_id}"
    return own if len(own) <= _MAX_URL else None
