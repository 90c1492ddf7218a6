"""What a channel is given to tell: episodes as they are, with everything that people read of them.

The words are each channel's own; the values are the same in all of them.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b

import msgspec

from conscope_app.alerting.watches.deliveries import Kind
from conscope_app.alerting.watches.happening import Happening
from conscope_app.alerting.watches.watch import Severity

# The facts that channels know how to show. Any other one is shown under its own name, as it is.
NAME = "name"  # what the subject is called: of an event its title
WHERE = "where"  # its venue
DATE = "date"  # when it takes place, in words
OFFER = "offer"  # the items in words: section, row and seats
URL = "url"  # where the offer can be had
HAPPENED = "happened"  # what happened, in words

_ID_BYTES = 6


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One episode. It was raised at the price `was`, and costs `price` now, or cost it last.

    `items`, `labels`, `basis` and `reason` are those of its last decision; `facts` are what the
    domain adds for people, by the names above. The price is None where nothing was ever to be had.

    With a `happening` it is about that: at no price, or at the last one of its item.
    """

    episode: str
    watch_id: str
    watch_name: str
    subject: str
    items: tuple[str, ...]
    labels: Mapping[str, str]
    price: Decimal | None
    was: Decimal | None
    currency: str
    basis: str
    reason: str
    over: bool
    facts: Mapping[str, str] = {}
    raised_at: datetime | None = None
    happening: Happening | None = None


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """One message: all that it says, be it new or put in the place of what it said before.

    `message` is the id of the message (`Delivery.message`), which an `edit` and an `over` share
    with the new message that they follow. Only `over` says that every line is over; what happened
    is so with the message that told it.
    """

    message: str
    kind: Kind
    severity: Severity
    lines: tuple[Line, ...]

    @property
    def is_new(self) -> bool:
        """Whether it follows no earlier message."""
        return self.kind in ("raise", "digest")

    @property
    def words(self) -> str:
        """The id of what is said: the same whenever the same message says the same again."""
        if self.is_new:
            return self.message
        told = [(line.episode, line.price, line.over) for line in self.lines]
        digest = blake2b(msgspec.json.encode((self.kind, told)), digest_size=_ID_BYTES)
        return f"{self.message}-{digest.hexdigest()}"


def trial(channel: str, message: str, at: datetime) -> Announcement:
    """A message of one line that says that a channel works; `message` is an id not used before."""
    line = Line(
        episode=message,
        watch_id="trial",
        watch_name="",
        subject="trial",
        items=(),
        labels={},
        price=None,
        was=None,
        currency="USD",
        basis="",
        reason=f"This is a trial of the channel “{channel}”: alerts will arrive here.",
        over=False,
        facts={NAME: "It works"},
        raised_at=at,
    )
    return Announcement(message=message, kind="raise", severity="info", lines=(line,))
