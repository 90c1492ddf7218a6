"""The address of a webhook of anybody's: checked, and kept out of every log."""

from urllib.parse import urlsplit


class BadHookUrl(ValueError):
    """The address cannot be used; the message does not repeat it."""


class HookUrl:
    """The address of a webhook. Only `reveal` gives it away, since its path may be a secret.

    Without TLS an address is taken only where it may be `private`: on our own network.
    """

    def __init__(self, text: str, *, private: bool = False) -> None:
        self._url = _check(text.strip(), private=private)
        parts = urlsplit(self._url)
        self.target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        self.private = private

    def __repr__(self) -> str:
        return "HookUrl([secret])"

    def reveal(self) -> str:
        """The address itself."""
        return self._url

    def hide(self, text: str) -> str:
        """The text without the address, should it be there."""
        hidden = text.replace(self._url, "[address]")
        return hidden.replace(self.target, "[path]") if len(self.target) > 1 else hidden


def _check(text: str, *, private: bool) -> str:
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise BadHookUrl("the address holds characters that no address has")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadHookUrl("the address cannot be read") from None
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise BadHookUrl("the address must begin with https:// (http:// only where private)")
    if not parts.hostname or "@" in parts.netloc or parts.fragment or port == 0:
        raise BadHookUrl("the address must hold a host, and no user name and no fragment")
    return text
