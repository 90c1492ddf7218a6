"""What a new watch has to know of the time before it: found by the code that watches."""

from collections.abc import Iterable
from datetime import timedelta

from conscope_app.alerting.watches.book import Book
from conscope_app.alerting.watches.evaluation import observe
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.scope import Spellings
from conscope_app.alerting.watches.signals import Gone, Priced, Seed
from conscope_app.alerting.watches.watch import LONGEST_WINDOW_DAYS, Watch


def reach_of(watch: Watch) -> timedelta:
    """How far back a watch has to know prices when it is made.

    What it compares with all times is compared with the longest window. A day serves what is
    usual, and the previous price.
    """
    drop, low = watch.when.drop, watch.when.low
    days = [1]
    if drop is not None and drop.than == "median":
        days.append(drop.days)
    if drop is not None and drop.than == "all_time_low":
        days.append(LONGEST_WINDOW_DAYS)
    if low is not None:
        days.append(low.days or LONGEST_WINDOW_DAYS)
    return timedelta(days=max(days))


def seeds_of(
    watch: Watch,
    subject: str,
    signals: Iterable[Priced | Gone],
    spellings: Spellings = (),
) -> tuple[Seed, ...]:
    """The pasts of the series that a watch asks for, from a subject's earlier signals in order."""
    book, watches = Book(subject), WatchIndex([watch], spellings)
    for signal in signals:
        observe(book, watches, signal, signal.recorded_at)
    return tuple(Seed(*series, past) for series, past in sorted(book.pasts.items()))
