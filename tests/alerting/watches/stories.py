"""Short stories of prices: watches and signals with full defaults; a test says what matters."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from conscope_app.alerting.watches.dry_run import Message, Report, dry_run
from conscope_app.alerting.watches.signals import (
    Deleted,
    Gone,
    Happened,
    Made,
    Priced,
    Signal,
)
from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.validation import read_watch
from conscope_app.alerting.watches.watch import Watch

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CONTRARY = {
    "opens": ("closes",),
    "closes": ("opens",),
    "moves": ("moves",),
    "on_sale": ("off_sale",),
    "off_sale": ("on_sale",),
    "rescheduled": ("rescheduled",),
}
AT_ONCE = {"wait_s": 0, "alone_s": 0}


def a_watch(watch_id: str = "w", **parts: Any) -> Watch:
    """At most 100 for anything, told at once as often as it is true; parts as in the YAML file."""
    definition: dict[str, Any] = {
        "id": watch_id,
        "what": {},
        "when": {"target": {"at_most": 100}},
        "often": {},
        **parts,
    }
    often = {"rearm": {}, "group": AT_ONCE, **definition["often"]}
    return read_watch({**definition, "often": often})


class Story:
    """Signals in their order, one minute apart; `wait` lets more time pass."""

    def __init__(self, begin: datetime = NOON) -> None:
        self.now = begin
        self.signals: list[Signal] = []

    def wait(self, **duration: float) -> "Story":
        """Let time pass."""
        self.now += timedelta(**duration)
        return self

    def price(self, amount: object, item: str = "A-1", **fields: Any) -> "Story":
        """An item's all-in price; `A-1` is the seat 1 of the row A."""
        row, _, seat = item.partition("-")
        seats = [int(each) for each in seat.split("+")] if seat.replace("+", "").isdigit() else []
        values: dict[str, Any] = {
            "subject": "evt",
            "item": item,
            "observed_at": self.now,
            "prices": {"all_in": Decimal(str(amount))},
            "currency": "USD",
            "labels": {"section": "Floor", "row": row, "source": "seatgeek"},
            "line": row,
            "first": seats[0] if seats else None,
            "last": seats[-1] if seats else None,
            **fields,
        }
        return self._add(Priced(place=len(self.signals), recorded_at=self.now, **values))

    def prices(self, *amounts: object, item: str = "A-1", **pause: float) -> "Story":
        """One price after the other, a pause (of a minute) after each."""
        for amount in amounts:
            self.price(amount, item).wait(**(pause or {"minutes": 1}))
        return self

    def gone(self, item: str = "A-1", subject: str = "evt") -> "Story":
        """An item is gone."""
        return self._add(
            Gone(subject=subject, place=len(self.signals), recorded_at=self.now, item=item)
        )

    def happens(
        self, what: str, source: str = "one", subject: str = "evt", **fields: Any
    ) -> "Story":
        """Something happens to an event; a word undoes what `CONTRARY` says."""
        values: dict[str, Any] = {
            "observed_at": self.now,
            "labels": {"source": source},
            "undoes": CONTRARY.get(what, ()),
            **fields,
        }
        place = len(self.signals)
        return self._add(
            Happened(
                subject=subject,
                place=place,
                recorded_at=self.now,
                what=what,
                source=source,
                **values,
            )
        )

    def made(self, watch: Watch, subject: str = "evt", **fields: Any) -> "Story":
        """A watch is made or changed."""
        place = len(self.signals)
        return self._add(
            Made(subject=subject, place=place, recorded_at=self.now, watch=watch, **fields)
        )

    def deleted(self, watch_id: str = "w", subject: str = "evt") -> "Story":
        """A watch is deleted."""
        return self._add(
            Deleted(
                subject=subject, place=len(self.signals), recorded_at=self.now, watch_id=watch_id
            )
        )

    def run(self, *watches: Watch, silences: Iterable[Silence] = (), days: float = 3) -> Report:
        """What the watches tell of it, by some days after its end."""
        until = self.now + timedelta(days=days)
        return dry_run(watches, self.signals, silences=silences, until=until)

    def _add(self, signal: Signal) -> "Story":
        self.signals.append(signal)
        return self


def told(report: Report) -> list[tuple[str, str]]:
    """What was sent: kind, and of each episode its price, with a cross where it is over."""
    return [(each.delivery.kind, _shown(each)) for each in report.messages]


def sent_at(report: Report) -> list[str]:
    """When it was sent, as day, hour, minute and second."""
    return [each.at.strftime("%d %H:%M:%S") for each in report.messages]


def sentences(report: Report) -> list[str]:
    """Why, for everything that was seen."""
    return [trace.sentence for trace in report.traces]


def verdicts(report: Report) -> list[str]:
    """What was decided, in order: verdict and price."""
    return [f"{each.verdict} {each.price}" for each in report.decisions]


def _shown(message: Message) -> str:
    tells: Sequence[Any] = message.delivery.tells
    return " ".join(f"{each.price}{'x' if each.over else ''}" for each in tells)
