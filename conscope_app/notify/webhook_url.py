"""A Discord webhook's address: checked, and kept out of every log."""

import hashlib
import re
from urllib.parse import urlsplit

from conscope_app.core.loopback import is_loopback

# Every host under which Discord serves webhooks. Nothing else is ever sent to: whoever can set the
# address must not be able to reach into the network that we run in.
HOSTS = frozenset({"discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"})

_PATH = re.compile(r"/api(?:/v\d{1,2})?/webhooks/\d{1,20}/(?P<token>[A-Za-z0-9_-]{1,128})/?")
_QUERY = re.compile(r"(?:thread_id=\d{1,20})?")


class BadWebhookUrl(ValueError):
    """The address is no Discord webhook's; the message does not repeat it."""


class WebhookUrl:
    """The address of a webhook. Only `reveal` gives it away."""

    def __init__(self, text: str, *, allow_loopback: bool = False) -> None:
        self._url, self._token = _check(text.strip(), allow_loopback=allow_loopback)

    def __repr__(self) -> str:
        return f"WebhookUrl({self.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """Tells two addresses apart. A token has 68 random characters: nobody guesses it back."""
        return hashlib.sha256(self._url.encode()).hexdigest()[:16]

    @property
    def is_loopback(self) -> bool:
        """Whether it is a stand-in's on this machine; Discord's own are always https."""
        return self._url.startswith("http://")

    def reveal(self) -> str:
        """The address itself."""
        return self._url

    def hide(self, text: str) -> str:
        """The text without the token, should it be there."""
        return text.replace(self._token, "[token]")


def _check(text: str, *, allow_loopback: bool) -> tuple[str, str]:
    """The address, rebuilt from its checked parts, and its token."""
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise BadWebhookUrl("the webhook's address holds characters that no address has")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadWebhookUrl("the webhook's address cannot be read") from None
    host = parts.hostname or ""
    if "@" in parts.netloc or parts.fragment:
        raise BadWebhookUrl("the webhook's address must not hold a user name or a fragment")
    if parts.scheme == "https" and parts.netloc.lower() in HOSTS:
        base = f"https://{host}"
    elif allow_loopback and parts.scheme == "http" and is_loopback(host):
        name = f"[{host}]" if ":" in host else host
        base = f"http://{name}" + (f":{port}" if port is not None else "")
    else:
        raise BadWebhookUrl(f"the webhook's address must begin with https:// and {sorted(HOSTS)}")
    path = _PATH.fullmatch(parts.path)
    if path is None or _QUERY.fullmatch(parts.query) is None:
        raise BadWebhookUrl(
            "the webhook's address must look like /api/webhooks/<number>/<token>, "
            "with at most ?thread_id=<number>"
        )
    query = f"?{parts.query}" if parts.query else ""
    return f"{base}{parts.path.rstrip('/')}{query}", path["token"]
