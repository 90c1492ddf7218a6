"""What changed between two snapshots of an event at a source; docs/events.md has the rules.

It follows from what was known before and after: what a snapshot does not speak of is known as it
was, and so cannot have changed.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from msgspec import UNSET

from conscope_app.domains.tickets.last_market import LastMarket, When, moment_text
from conscope_app.domains.tickets.market import MarketSnapshot, Presale
from conscope_app.domains.tickets.processed_market import Because, Change, ChangeKind


def changes_of(
    before: LastMarket, after: LastMarket, snapshot: MarketSnapshot
) -> tuple[Change, ...]:
    """What the snapshot changed, `after` being what is known with it."""
    fate = [*_fate(before, after)]
    if after.status == "cancelled":
        return tuple(fate)
    sale = [*_sale(before, after, snapshot)]
    may_buy = any(change.kind != ChangeKind.OFF_SALE for change in sale)
    return (
        *fate,
        *_moved(before, after),
        *sale,
        *_supply(before, after, snapshot, may_buy=may_buy),
        *_presales(before, after),
        *_named(before, after),
        *_priced(before, after),
    )


def _said(kind: ChangeKind, old: str | None, new: str | None) -> Change:
    return Change(kind, Because.SAID, old, new)


def _fate(before: LastMarket, after: LastMarket) -> Iterator[Change]:
    """An event of which nothing was said takes place as planned."""
    old, new = before.status, after.status
    if old == new:
        return
    if new == "cancelled":
        yield _said(ChangeKind.CANCELLED, old, new)
    elif new == "postponed":
        yield _said(ChangeKind.POSTPONED, old, new)
    elif old == "cancelled" or (old == "postponed" and new != "rescheduled"):
        yield _said(ChangeKind.BACK_ON, old, new)


def _moved(before: LastMarket, after: LastMarket) -> Iterator[Change]:
    is_called_so = after.status == "rescheduled" and before.status != "rescheduled"
    if is_called_so or _is_moved(before.when, after.when):
        yield _said(ChangeKind.RESCHEDULED, before.when.text, after.when.text)


def _is_moved(old: When, new: When) -> bool:
    """Where the venue's day and time are known they count: the moment may only be corrected."""
    if None not in (old.local_date, old.local_time, new.local_date, new.local_time):
        return (old.local_date, old.local_time) != (new.local_date, new.local_time)
    if old.starts_at is not None and new.starts_at is not None:
        return old.starts_at != new.starts_at
    return None not in (old.local_date, new.local_date) and old.local_date != new.local_date


def _sale(before: LastMarket, after: LastMarket, snapshot: MarketSnapshot) -> Iterator[Change]:
    old, new = before.sale, after.sale
    if old is None or old == new:
        return
    because = Because.TIME if snapshot.facts.status is None else Because.SAID
    if new == "on_sale":
        kind = ChangeKind.BACK_ON_SALE if old == "off_sale" else ChangeKind.ON_SALE
        yield Change(kind, because, old, new)
    elif new == "off_sale":
        yield Change(ChangeKind.OFF_SALE, because, old, new)


def _supply(
    before: LastMarket, after: LastMarket, snapshot: MarketSnapshot, *, may_buy: bool
) -> Iterator[Change]:
    """`may_buy`: that it can be bought now has been said already."""
    old, new = before.supply, after.supply
    if old is None or old == new:
        return
    is_said = snapshot.availability is not UNSET and snapshot.availability is not None
    because = Because.SAID if is_said else Because.LISTINGS
    if new == "none_left":
        yield Change(ChangeKind.SOLD_OUT, because, old, new)
    elif old == "none_left":
        if not may_buy:
            yield Change(ChangeKind.BACK_ON_SALE, because, old, new)
    elif new == "few_left":
        yield Change(ChangeKind.FEW_LEFT, because, old, new)


def _presales(before: LastMarket, after: LastMarket) -> Iterator[Change]:
    """Begun since the last look, announced, or put to another time; not what is over already."""
    since, now = before.observed_at, after.observed_at
    known = dict.fromkeys((presale.name, presale.starts_at) for presale in before.presales)
    kept = {(presale.name, presale.starts_at) for presale in after.presales}
    moved = {name: at for name, at in known if (name, at) not in kept}
    for presale in after.presales:
        begins_at, is_known = presale.starts_at, (presale.name, presale.starts_at) in known
        if begins_at is not None and begins_at <= now:
            is_news = begins_at > since or (not is_known and presale.ends_at is not None)
            if is_news and not _is_over(presale, now):
                because = Because.TIME if is_known else Because.SAID
                yield _presale(ChangeKind.PRESALE_BEGAN, because, presale, None)
        elif not is_known:
            old = moved.get(presale.name)
            yield _presale(ChangeKind.PRESALE_ANNOUNCED, Because.SAID, presale, old)


def _is_over(presale: Presale, now: datetime) -> bool:
    return presale.ends_at is not None and presale.ends_at <= now


def _presale(kind: ChangeKind, because: Because, presale: Presale, old: datetime | None) -> Change:
    return Change(
        kind,
        because,
        old=None if old is None else moment_text(old),
        new=None if presale.starts_at is None else moment_text(presale.starts_at),
        name=presale.name,
    )


def _named(before: LastMarket, after: LastMarket) -> Iterator[Change]:
    """A venue that its vendor knows by the same id has another name, and is where it was."""
    if before.name != after.name and before.name:
        yield _said(ChangeKind.NAME_CHANGED, before.name, after.name)
    old, new = before.venue, after.venue
    is_same = old.vendor_id is not None and old.vendor_id == new.vendor_id
    if old.name.strip() != new.name.strip() and old.name.strip() and not is_same:
        yield _said(ChangeKind.VENUE_CHANGED, old.name, new.name)


def _priced(before: LastMarket, after: LastMarket) -> Iterator[Change]:
    if before.has_price is True and after.has_price is False:
        yield _said(ChangeKind.NO_PRICE, _amount(before.lowest, before.currency), None)
    elif before.has_price is False and after.has_price is True:
        yield _said(ChangeKind.PRICED, None, _amount(after.lowest, after.currency))


def _amount(amount: Decimal | None, currency: str | None) -> str | None:
    return None if amount is None else f"{amount:f} {currency or ''}".rstrip()
