"""What the streams of `/live` tell: the stats as JSON, or the panels of a page, as bytes to send.

A state is encoded once, whole and as what differs from the one before it; everybody who watches the
page is sent one of the two.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol, Self

import msgspec

from conscope_app.core.clock import EPOCH
from web.panels import Panels
from web.schema import Stats, encode


class State(Protocol):
    """What a page shows at one moment; `id` stands for the content, without the moment."""

    @property
    def id(self) -> str: ...

    @property
    def as_of(self) -> datetime: ...

    def told(self, before: Self | None) -> bytes:
        """The event that brings a page here: from `before`, or from whatever it shows."""


class PageState(NamedTuple):
    """A page's panels at one moment."""

    id: str
    as_of: datetime
    panels: Panels

    @classmethod
    def of(cls, as_of: datetime, panels: Panels) -> Self:
        """The state that these panels are."""
        parts = (part.encode() for item in panels.items() for part in item)
        return cls(_digest(*parts), as_of, panels)

    def told(self, before: Self | None) -> bytes:
        """See `State`."""
        shown: Mapping[str, str] = before.panels if before else {}
        changed = {name: str(html) for name, html in self.panels.items() if shown.get(name) != html}
        emptied = dict.fromkeys(shown.keys() - self.panels.keys(), "")
        data = msgspec.json.encode({"as_of": self.as_of, "panels": {**changed, **emptied}})
        return event("panels", data, self.id)


class StatsState(NamedTuple):
    """The stats at one moment."""

    id: str
    as_of: datetime
    stats: Stats

    @classmethod
    def of(cls, stats: Stats) -> Self:
        """The state that these stats are."""
        content = encode(msgspec.structs.replace(stats, as_of=EPOCH))
        return cls(_digest(content), stats.as_of, stats)

    def told(self, before: Self | None) -> bytes:
        """See `State`; the stats are told whole."""
        return event("stats", encode(self.stats), self.id)


class Edition(NamedTuple):
    """A state as it is sent: `change` to whoever has seen `after`, `whole` to everybody else."""

    id: str
    after: str
    change: bytes
    whole: bytes

    @classmethod
    def of(cls, state: State, before: State | None) -> Self:
        """The state's edition; `before` was the last one's state."""
        whole = state.told(None)
        if before is None:
            return cls(state.id, "", whole, whole)
        return cls(state.id, before.id, state.told(before), whole)

    def since(self, seen: str) -> bytes:
        """What brings somebody here who has seen the state `seen`: "" is none."""
        return self.change if seen == self.after else self.whole


def event(name: str, data: bytes, id: str | None = None) -> bytes:  # noqa: A002 the field's name
    """One server-sent event; `data` is a single line."""
    named = b"" if id is None else b"id: %b\n" % id.encode()
    return b"%bevent: %b\ndata: %b\n\n" % (named, name.encode(), data)


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()[:16]
