"""A watch that is begun by a link: what the form of `/watches/new` holds at first, and such links.

The query names what other pages know of it: `subject` (an event, or several), `together` (seats
beside each other), `at_most`, `currency` and `basis` (a target price), `happens` (something, as
often as it is given), `name` and `id`. Whatever it says stands in the form as if it had been typed
there: what cannot be taken is said beside its field.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any
from urllib.parse import urlencode

from multidict import MultiMapping

from conscope_app.domains.tickets.happenings import source_subject
from conscope_app.domains.tickets.watched import LISTED

_MAX_NAME = 200  # of a watch
_MAX_ID = 60  # of the ids that are made here; what people type may be longer
_DIGITS = re.compile(r"\d{1,9}", re.ASCII)

# A target that is met already would never be told: it is under what is asked now.
_UNDER = Decimal("0.95")
_WHOLE_FROM, _WHOLE, _CENT = Decimal(20), Decimal(1), Decimal("0.01")


# What can be told of an event that has no seats: whether one can buy, whether it takes place as
# planned, that its source names a price again, and that what its source says may be old.
WITHOUT_SEATS = (
    "presale_announced",
    "presale_began",
    "on_sale",
    "few_left",
    "sold_out",
    "back_on_sale",
    "rescheduled",
    "postponed",
    "cancelled",
    "back_on",
    "priced",
    "source_unhealthy",
)


def begun_definition(query: MultiMapping[str]) -> dict[str, Any]:
    """The definition that the form begins with; without anything said a blank one."""
    what: dict[str, Any] = {}
    # What most people ask for, unless something else is.
    when: dict[str, Any] = {} if "happens" in query else {"target": {}}
    if "happens" in query:
        when["happens"] = query.getall("happens")
    if "subject" in query:
        what["subjects"] = query.getall("subject")
    if "together" in query:
        what["together"] = _number(query["together"])
    if "at_most" in query:
        when["target"] = {"at_most": query["at_most"]}
    when |= {name: query[name] for name in ("currency", "basis") if name in query}
    name = {"name": query["name"]} if "name" in query else {}
    return {"id": query.get("id", ""), **name, "what": what, "when": when}


def watch_link(
    event_id: str, event_name: str, *, seats: int, price: Decimal | None, currency: str
) -> str:
    """The address of a form for a watch of so many seats together, cheaper than they are now."""
    beside = "" if seats == 1 else f", {seats} together"
    about = event_name or event_id
    asked = {
        "subject": event_id,
        "name": about[: _MAX_NAME - len(beside)] + beside,
        "id": _id_of(about, "" if seats == 1 else f"{seats}-together"),
        "together": str(seats),
        "currency": currency,
        "basis": LISTED,
    }
    if price is not None and price > 0:
        asked["at_most"] = f"{target_under(price):f}"
    return f"/watches/new?{urlencode(asked)}"


def happenings_link(event_ids: Sequence[str], event_name: str, sources: Iterable[str]) -> str:
    """The address of a form for a watch of what happens to an event that has no seats.

    It has one id or, where several sources know it, several: what happens is said under each. It
    hears of its `sources` too: what one that is not well shows may be old.
    """
    about, beside = event_name or event_ids[0], ": what happens"
    asked = {
        "subject": [*event_ids, *map(source_subject, sources)],
        "name": about[: _MAX_NAME - len(beside)] + beside,
        "id": _id_of(about, "what-happens"),
        "happens": WITHOUT_SEATS,
    }
    return f"/watches/new?{urlencode(asked, doseq=True)}"


def target_under(price: Decimal) -> Decimal:
    """A twentieth less, in a round amount; of what costs next to nothing exactly that."""
    less = price * _UNDER
    quantum = _WHOLE if less >= _WHOLE_FROM else _CENT
    rounded = less.quantize(quantum, rounding=ROUND_DOWN)
    return rounded if rounded > 0 else less.normalize()


def _number(text: str) -> int | str:
    return int(text) if _DIGITS.fullmatch(text) else text


def _id_of(about: str, what: str) -> str:
    """Letters that an id takes, as the form makes them of a name."""
    plain = unicodedata.normalize("NFD", about).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_MAX_ID].strip("-") or "event"
    return f"{slug}-{what}" if what else slug
