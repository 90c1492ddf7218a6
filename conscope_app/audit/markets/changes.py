"""What must have changed between two beliefs; docs/events.md has the rules and their order."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from conscope_app.audit.markets.belief import Belief, Clock
from conscope_app.domains.tickets.market import MarketSnapshot, Presale


class Happened(NamedTuple):
    """A change as the records and rows of it say."""

    kind: str
    because: str
    old: str | None
    new: str | None
    name: str | None = None


def happened(before: Belief, after: Belief, seen: MarketSnapshot) -> tuple[Happened, ...]:
    """What the snapshot changed, in the order in which the changes are numbered."""
    told = [*_fate(before.fate, after.fate)]
    if after.fate != "cancelled":
        told += _clock(before, after)
        sale = [*_sale(before.sale, after.sale, said=seen.facts.status is not None)]
        can_be_bought = any(each.kind in ("on_sale", "back_on_sale") for each in sale)
        told += sale
        told += _left(before.left, after.left, seen, can_be_bought=can_be_bought)
        for presale in after.presales:
            told += _presale(presale, before, after)
        told += _names(before, after)
        told += _price(before, after)
    return tuple(told)


def written(moment: datetime) -> str:
    """A moment as texts have it: RFC 3339 with a Z."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _said(kind: str, old: str | None, new: str | None) -> Happened:
    return Happened(kind, "said", old, new)


def _fate(old: str | None, new: str | None) -> Iterator[Happened]:
    if new == old:
        return
    if new in ("cancelled", "postponed"):
        yield _said(new, old, new)
    elif old == "cancelled" or (old == "postponed" and new != "rescheduled"):
        yield _said("back_on", old, new)


def _clock(before: Belief, after: Belief) -> Iterator[Happened]:
    begins_to_say_so = after.fate == "rescheduled" and before.fate != "rescheduled"
    if begins_to_say_so or _is_another_time(before.clock, after.clock):
        yield _said("rescheduled", _clock_text(before.clock), _clock_text(after.clock))


def _is_another_time(old: Clock, new: Clock) -> bool:
    old_moment, old_day, old_time = old
    new_moment, new_day, new_time = new
    if old_day and old_time and new_day and new_time:
        return old_day != new_day or old_time != new_time
    if old_moment and new_moment:
        return old_moment != new_moment
    return bool(old_day and new_day) and old_day != new_day


def _clock_text(clock: Clock) -> str | None:
    moment, day, time = clock
    if moment is not None:
        return written(moment)
    return f"{day}T{time}" if day and time else day


def _sale(old: str | None, new: str | None, *, said: bool) -> Iterator[Happened]:
    if old is None or new == old or new not in ("on_sale", "off_sale"):
        return
    kind = "back_on_sale" if (old, new) == ("off_sale", "on_sale") else new
    yield Happened(kind, "said" if said else "time", old, new)


def _left(
    old: str | None, new: str | None, seen: MarketSnapshot, *, can_be_bought: bool
) -> Iterator[Happened]:
    if old is None or new == old:
        return
    because = "said" if isinstance(seen.availability, str) else "listings"
    if new == "none_left":
        yield Happened("sold_out", because, old, new)
    elif old == "none_left":
        if not can_be_bought:
            yield Happened("back_on_sale", because, old, new)
    elif new == "few_left":
        yield Happened("few_left", because, old, new)


def _presale(presale: Presale, before: Belief, after: Belief) -> Iterator[Happened]:
    begins, ends, now = presale.starts_at, presale.ends_at, after.at
    is_known = any(
        (each.name, each.starts_at) == (presale.name, presale.starts_at) for each in before.presales
    )
    text = None if begins is None else written(begins)
    if begins is None or begins > now:
        if not is_known:
            old = _old_time(presale, before, after)
            yield Happened("presale_announced", "said", old, text, presale.name)
        return
    if ends is not None and ends <= now:
        return
    if is_known and begins > before.at:
        yield Happened("presale_began", "time", None, text, presale.name)
    elif not is_known and (begins > before.at or ends is not None):
        yield Happened("presale_began", "said", None, text, presale.name)


def _old_time(presale: Presale, before: Belief, after: Belief) -> str | None:
    """When it was to begin before: the last known time that it does not have any more."""
    still = [each.starts_at for each in after.presales if each.name == presale.name]
    was = dict.fromkeys(each.starts_at for each in before.presales if each.name == presale.name)
    gone = [at for at in was if at not in still]
    return written(gone[-1]) if gone and gone[-1] is not None else None


def _names(before: Belief, after: Belief) -> Iterator[Happened]:
    if before.name and after.name != before.name:
        yield _said("name_changed", before.name, after.name)
    old, new = before.venue, after.venue
    is_same_place = old.vendor_id is not None and new.vendor_id == old.vendor_id
    if old.name.strip() and new.name.strip() != old.name.strip() and not is_same_place:
        yield _said("venue_changed", old.name, new.name)


def _price(before: Belief, after: Belief) -> Iterator[Happened]:
    if before.names_price is True and after.names_price is False:
        yield _said("no_price", _price_text(before), None)
    elif before.names_price is False and after.names_price is True:
        yield _said("priced", None, _price_text(after))


def _price_text(belief: Belief) -> str | None:
    if belief.price is None:
        return None
    amount, currency = belief.price
    return f"{amount:f} {currency}" if currency else f"{amount:f}"
