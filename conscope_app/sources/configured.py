"""Sources as they are set: the adapter, the key, and where it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

from conscope_app.core.loopback import is_loopback
from conscope_app.sources.adapter import Adapter
from conscope_app.sources.registry import SIMULATED, open_adapter


class BadSource(ValueError):
    """A source cannot be polled as it is set; the message is for whoever set it."""


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """A source to poll. Its `repr` does not show the key.

    `private` allows its host to be on our own network. Raises `BadSource` for one that is asked
    elsewhere than at its own address, and does not say in its name that it is simulated.
    """

    adapter: Adapter
    url: str
    key: str | None = field(default=None, repr=False)
    private: bool = False

    def __post_init__(self) -> None:
        if self.url != self.adapter.base_url and not self.name.startswith(SIMULATED):
            raise BadSource(f"{self.name}: another address than its own is a stand-in's")

    @property
    def name(self) -> str:
        """Under which it is known, in Kafka and in Postgres."""
        return self.adapter.name

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
    """The sources of these names, by the adapters for stand-ins where another address is given.

    Raises `BadSource`.
    """
    found = []
    for name in dict.fromkeys(names):
        stand_in = urls.get(name)
        if stand_in is not None and not is_loopback(urlsplit(stand_in).hostname or ""):
            raise BadSource(f"{name}: another address than its own must be on this machine")
        try:
            adapter = open_named(name if stand_in is None else SIMULATED + name)
        except LookupError as error:
            raise BadSource(str(error.args[0])) from None
        url = stand_in or adapter.base_url
        if stand_in is None and urlsplit(url).scheme != "https":
            raise BadSource(f"{name}: a key is sent over https only")
        if keys.get(name) is None:
            raise BadSource(f"{name}: it needs a key")
        found.append(ConfiguredSource(adapter, url, keys[name], private=stand_in is not None))
    return found
