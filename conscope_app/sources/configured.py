"""Sources as they are set: the adapter, the key, and where it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

from conscope_app.core.loopback import is_loopback
from conscope_app.sources.adapter import Adapter
from conscope_app.sources.registry import open_adapter


class BadSource(ValueError):
    """A source cannot be polled as it is set; the message is for whoever set it."""


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """A source to poll. Its `repr` does not show the key."""

    adapter: Adapter
    url: str
    key: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Under which it is known, in Kafka and in Postgres."""
        return self.adapter.name

    @property
    def private(self) -> bool:
        """Whether it is a stand-in on this machine."""
        return is_loopback(urlsplit(self.url).hostname or "")

    @property
    def fingerprint(self) -> str:
        """Tells two keys apart."""
        return sha256(f"{self.url} {self.key or ''}".encode()).hexdigest()[:16]


def configured(
    names: tuple[str, ...],
    keys: Mapping[str, str | None],
    urls: Mapping[str, str | None],
    *,
    open_named: Callable[[str], Adapter] = open_adapter,
) -> list[ConfiguredSource]:
    """The sources of these names. Raises `BadSource`."""
    found = []
    for name in dict.fromkeys(names):
        try:
            adapter = open_named(name)
        except LookupError as error:
            raise BadSource(str(error.args[0])) from None
        url = urls.get(name) or adapter.base_url
        parts = urlsplit(url)
        if url != adapter.base_url and not is_loopback(parts.hostname or ""):
            raise BadSource(f"{name}: another address than its own must be on this machine")
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise BadSource(f"{name}: a key is sent over https only")
        if keys.get(name) is None:
            raise BadSource(f"{name}: it needs a key")
        found.append(ConfiguredSource(adapter, url, keys[name]))
    return found
