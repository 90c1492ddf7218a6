"""The book of one subject: what its items cost and have cost, and where its alerts stand.

A book is changed in place, by `evaluation.observe` alone; the rows that changed are handed out for
whoever keeps them. What an error or a lost transaction left behind is thrown away, and the book
read again from its rows. Everything else in here is derived from the rows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from operator import attrgetter, itemgetter

from msgspec.structs import replace

from conscope_app.alerting.watches.lives import Life
from conscope_app.alerting.watches.neighbours import Lot
from conscope_app.alerting.watches.offers import Best, find_best, is_same_offer, updated_best
from conscope_app.alerting.watches.past import Day, Past
from conscope_app.alerting.watches.rows import (
    Absence,
    Enrolled,
    Head,
    Item,
    PastHead,
    Row,
    RowKey,
    Series,
    decode,
    encode_key,
    encode_row,
)
from conscope_app.alerting.watches.scope import Scope
from conscope_app.alerting.watches.timers import EXPIRY, LIFE, Timer, Timers
from conscope_app.alerting.watches.watch import LONGEST_WINDOW_DAYS

# More items than any venue has seats and shops offer them; beyond it the one seen longest ago goes.
MOST_ITEMS = 200_000

_HEAD: RowKey = ("b",)


class Book:
    """See the module."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.head = Head()
        self._kept_head = Head()  # as its row says
        self.items: dict[str, Item] = {}
        self.pasts: dict[Series, Past] = {}
        self.lives: dict[str, dict[str, Life]] = {}  # changed by `set_life` alone
        self._alive: Counter[str] = Counter()  # how many there are for an item
        self.enrolled: dict[str, Enrolled] = {}
        self.followed: object = None  # the watches that were enrolled when this was looked at last
        self.expired: set[str] = set()
        self.absent: dict[str, Absence] = {}  # items that are gone, the one gone the longest first
        self._lines: dict[str, dict[str, None]] = {}
        self._bests: dict[str, Best] = {}
        self._timers = Timers()
        self._touched: dict[RowKey, Row | None] = {}
        self._taken_in: Item | None = None  # with the newest signal

    @classmethod
    def from_rows(cls, subject: str, rows: Iterable[tuple[bytes, bytes]]) -> "Book":
        """The book that these rows, in any order, were made from."""
        book = cls(subject)
        heads: dict[Series, PastHead] = {}
        days: dict[Series, list[Day]] = {}
        items: list[tuple[int, str, Item]] = []
        for key, value in rows:
            parts, row = decode(key, value)
            if isinstance(row, Head):
                book.head = book._kept_head = row
            elif isinstance(row, Item):
                items.append((row.place, parts[1], row))
            elif isinstance(row, PastHead):
                heads[Series(*parts[1:])] = row
            elif isinstance(row, Day):
                days.setdefault(Series(*parts[1:4]), []).append(row)
            elif isinstance(row, Enrolled):
                book._keep_enrolled(parts[1], row)
            elif isinstance(row, Absence):
                book.absent[parts[1]] = row
            else:
                book._keep_life(parts[1], parts[2], row)
        for _, item_key, item in sorted(
            items, key=itemgetter(0, 1)
        ):  # the one seen longest ago first
            book._keep_item(item_key, item)
            if item.taken_at is not None and item.place > book.head.place:
                book.head = replace(book.head, now=item.taken_at, place=item.place)
        for series, head in heads.items():
            closed = tuple(sorted(days.get(series, ()), key=attrgetter("day")))
            book.pasts[series] = Past(
                head.previous, head.at, head.lows, head.recent, closed, head.doubted
            )
        return book

    def take_changes(self) -> dict[bytes, bytes | None]:
        """The rows that changed since this was asked last, by their keys; None: no more."""
        if _HEAD in self._touched and not self._is_head_new:
            del self._touched[_HEAD]
        touched, self._touched = self._touched, {}
        return {
            encode_key(self.subject, key): None if row is None else encode_row(row)
            for key, row in touched.items()
        }

    @property
    def next_due(self) -> datetime | None:
        """From when on time alone changes something."""
        timer = self._timers.first(self._counts)
        return None if timer is None else timer.at

    def is_due(self, now: datetime) -> bool:
        """Whether time alone has changed something by now."""
        timer = self._timers.first(self._counts)
        return timer is not None and timer.at <= now

    def pop_due(self, now: datetime) -> Timer | None:
        """The first timer that is due, taken out."""
        return self._timers.pop_due(now, self._counts)

    def advance(self, head: Head) -> None:
        """Note how far the book has come."""
        self.head = head
        self._touched[_HEAD] = head
        self._taken_in = None

    def best(self, scope: Scope) -> Lot | None:
        """The best offer of a scope."""
        found = self._bests.get(scope.key)
        if found is None:
            found = self._bests[scope.key] = find_best(scope, self.items, self._lines)
        return found.lot

    def known_best(self, scope: Scope) -> Best | None:
        """The best offer of a scope, if it has been asked for and kept up with."""
        return self._bests.get(scope.key)

    def best_after(self, scope: Scope, key: str, before: Item | None) -> Lot | None:
        """The best offer of a scope whose best was asked for before this item changed."""
        best, item = self._bests[scope.key], self.items.get(key)
        if before is not None and item is not None and is_same_offer(scope, before, item):
            return best.lot
        for line in {each.line for each in (before, item) if each is not None}:
            best = updated_best(best, scope, key, before, self.items, self._lines, line)
        self._bests[scope.key] = best
        return best.lot

    def set_item(self, key: str, item: Item) -> None:
        """Note what an item costs now."""
        self._drop_item(key)
        self._keep_item(key, item)
        self._touched["i", key] = self._taken_in = item

    def remove_item(self, key: str) -> None:
        """An item is not to be had any more; what it has cost stays known."""
        self._drop_item(key)
        self._touched["i", key] = None

    def set_absent(self, key: str, absence: Absence | None) -> None:
        """Note that an item is gone; None: it is back, or nobody asks any more."""
        if absence is None:
            del self.absent[key]
        else:
            self.absent[key] = absence
        self._touched["g", key] = absence

    def set_past(self, series: Series, past: Past) -> None:
        """Note what a series has cost."""
        before = self.pasts.get(series)
        self.pasts[series] = past
        self._touched["p", *series] = PastHead(
            past.previous, past.at, past.lows, past.recent, past.doubted
        )
        if before is None:
            self._touch_days(series, past.days, ())
        elif before.days is not past.days:
            self._touch_days(series, past.days, before.days)

    def remove_past(self, series: Series) -> None:
        """Forget a series."""
        past = self.pasts.pop(series)
        self._touched["p", *series] = None
        self._touch_days(series, (), past.days)

    def set_life(self, watch_id: str, item: str, life: Life | None) -> None:
        """Note where an alert stands; None: as if it had never been."""
        if life is None:
            lives = self.lives.get(watch_id, {})
            if lives.pop(item, None) is not None:
                self._touched["l", watch_id, item] = None
                self._alive[item] -= 1
                if not self._alive[item]:
                    del self._alive[item]
            if not lives:
                self.lives.pop(watch_id, None)
            return
        self._keep_life(watch_id, item, life)
        self._touched["l", watch_id, item] = life

    def has_life(self, item: str) -> bool:
        """Whether an alert of any watch stands for an item of its own."""
        return item in self._alive

    def set_enrolled(self, watch_id: str, enrolled: Enrolled | None) -> None:
        """Note how a watch is followed; None: not any more."""
        self.followed = None
        before = self.enrolled.get(watch_id)
        if before is not None and not before.asks_the_same(enrolled):
            # A scope that nobody asks for is not kept up to date; it is found anew when one does.
            self._bests.clear()
        if enrolled is None:
            self.enrolled.pop(watch_id, None)
            self.expired.discard(watch_id)
        else:
            self._keep_enrolled(watch_id, enrolled)
        self._touched["w", watch_id] = enrolled

    def stale(self, today: date) -> Iterator[Series]:
        """The series that no baseline reaches any more."""
        first = today - timedelta(days=LONGEST_WINDOW_DAYS)
        for series, past in self.pasts.items():
            if past.days[-1].day < first:
                yield series

    @property
    def _is_head_new(self) -> bool:
        """Whether the head says more than its row and the item that was taken in with it."""
        head, kept, item = self.head, self._kept_head, self._taken_in
        if (
            item is not None
            and (item.place, item.taken_at) == (head.place, head.now)
            and (kept.swept, kept.takes_place_at) == (head.swept, head.takes_place_at)
        ):
            return False
        self._kept_head = head
        return True

    def _keep_item(self, key: str, item: Item) -> None:
        self.items[key] = item
        self._lines.setdefault(item.line, {})[key] = None

    def _drop_item(self, key: str) -> None:
        item = self.items.pop(key, None)
        if item is not None:
            line = self._lines[item.line]
            del line[key]
            if not line:
                del self._lines[item.line]

    def _keep_life(self, watch_id: str, item: str, life: Life) -> None:
        lives = self.lives.setdefault(watch_id, {})
        if item not in lives:
            self._alive[item] += 1
        lives[item] = life
        self._timers.set(life.due_at, LIFE, watch_id, item)

    def _keep_enrolled(self, watch_id: str, enrolled: Enrolled) -> None:
        self.enrolled[watch_id] = enrolled
        if enrolled.expired:
            self.expired.add(watch_id)
        else:
            self.expired.discard(watch_id)
            self._timers.set(enrolled.expires_at, EXPIRY, watch_id)

    def _counts(self, timer: Timer) -> bool:
        """Whether it still stands for something."""
        if timer.kind == LIFE:
            life = self.lives.get(timer.watch_id, {}).get(timer.item)
            return life is not None and life.due_at == timer.at
        enrolled = self.enrolled.get(timer.watch_id)
        return enrolled is not None and not enrolled.expired and enrolled.expires_at == timer.at

    def _touch_days(self, series: Series, now: tuple[Day, ...], before: tuple[Day, ...]) -> None:
        known = {day.day: day for day in before}
        for day in now:
            if known.pop(day.day, None) != day:
                self._touched["d", *series, day.day.isoformat()] = day
        for gone in known:
            self._touched["d", *series, gone.isoformat()] = None
