"""The dry run tells what the live system tells, message by message."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscope_app.alerting.watches.book import Book
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.dry_run import dry_run
from conscope_app.alerting.watches.evaluation import observe
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.signals import Deleted, Made, Tick
from tests.alerting.watches.live import Live, is_meant
from tests.alerting.watches.stories import Story
from tests.alerting.watches.wishes import BEGIN, KINDS, kinds, of_kind, steps, story_of

AFTERWARDS = timedelta(days=3)


@settings(max_examples=60)
@given(st.lists(kinds, min_size=1, max_size=6, unique=True), steps)
def test_live_and_dry_run_tell_the_same(
    wished: list[str], told: list[tuple[str, str, str, str, float]]
) -> None:
    """Live, all state is written and read back after every signal."""
    story = story_of(told)
    watches = [of_kind(kind) for kind in wished]
    until = story.now + AFTERWARDS
    live = Live(watches)

    live.run(story.signals, until)
    report = dry_run(watches, story.signals, until=until)

    assert report.decisions == live.decisions
    assert report.messages == live.messages


@settings(max_examples=60)
@given(
    st.lists(kinds, min_size=1, max_size=4, unique=True),
    steps,
    st.lists(st.integers(0, 100_000), max_size=20),
)
def test_whether_and_when_time_is_told_makes_no_difference(
    wished: list[str], told: list[tuple[str, str, str, str, float]], seconds: list[int]
) -> None:
    """Each timer fires at its own moment, be it noticed with the next signal or hours late."""
    story = story_of(told)
    watches = [of_kind(kind) for kind in wished]
    until = story.now + AFTERWARDS
    ticks = [(BEGIN + timedelta(seconds=each), None) for each in seconds]
    timeline = [*ticks, *((each.recorded_at, each) for each in story.signals)]
    index, books = WatchIndex(watches), {"evt": Book("evt"), "other": Book("other")}
    decisions: dict[str, list[Decision]] = {"evt": [], "other": []}

    for at, signal in [*sorted(timeline, key=lambda each: each[0]), (until, None)]:
        if isinstance(signal, Made):
            index.put(signal.watch)
        for subject, book in books.items():
            # A deletion comes to all books of its watch: none is asked later what was due by then.
            if signal is None or (isinstance(signal, Deleted) and signal.subject != subject):
                decisions[subject] += observe(book, index, Tick(subject=subject), at).decisions
            elif signal.subject == subject and is_meant(
                index, signal, is_known=bool(book.enrolled)
            ):
                decisions[subject] += observe(book, index, signal, at).decisions
        if isinstance(signal, Deleted):
            index.remove(signal.watch_id)
    report = dry_run(watches, story.signals, until=until)

    for subject, made in decisions.items():
        assert [each for each in report.decisions if each.subject == subject] == made


def an_hour(seed: int) -> Story:
    """Prices of some seats, as they might have been recorded."""
    chance, story = Random(seed), Story()
    prices = dict.fromkeys(("A-1", "A-2", "A-3", "A-4", "B-1", "B-2+3", "B-4"), 120.0)
    for number in range(400):
        if number % 70 == 0:
            story.happens(("on_sale", "rescheduled", "off_sale")[number // 70 % 3])
        seat = chance.choice(sorted(prices))
        if chance.random() < 0.03:
            story.gone(seat)
        prices[seat] = max(20.0, prices[seat] * chance.choice([0.85, 0.97, 1, 1, 1.02, 1.1]))
        story.price(f"{prices[seat]:.2f}", seat).wait(seconds=chance.randrange(1, 20))
    return story


def test_watches_of_every_kind_over_an_hour() -> None:
    story = an_hour(seed=6)
    watches = [of_kind(kind) for kind in KINDS]
    until = story.now + AFTERWARDS
    live = Live(watches)

    live.run(story.signals, until)
    report = dry_run(watches, story.signals, until=until)

    assert report.messages == live.messages
    assert {decision.watch_id for decision in report.decisions} == set(KINDS)


@settings(max_examples=40)
@given(
    st.lists(kinds, min_size=1, max_size=4, unique=True),
    steps,
    st.lists(st.integers(0, 100_000), max_size=20),
    st.randoms(use_true_random=False),
)
def test_ticks_and_repetitions_change_nothing(
    wished: list[str],
    told: list[tuple[str, str, str, str, float]],
    seconds: list[int],
    chance: Random,
) -> None:
    """Time comes only from the clock that is handed in; what came already is not taken again."""
    story = story_of(told)
    watches = [of_kind(kind) for kind in wished]
    until = story.now + AFTERWARDS
    live = Live(watches)
    ticks = sorted(BEGIN + timedelta(seconds=each) for each in seconds)

    for signal in story.signals:
        assert not isinstance(signal, Tick)
        while ticks and ticks[0] <= signal.recorded_at:
            at = ticks.pop(0)
            live.pass_time(at)
            for subject in list(live.rows):
                live.observe(Tick(subject=subject), at)
        live.take(signal, signal.recorded_at)
        # What nobody watched was not told the first time, and would be news.
        if chance.random() < 0.3 and is_meant(
            live.index, signal, is_known=signal.subject in live.rows
        ):
            live.observe(signal, signal.recorded_at)
        if chance.random() < 0.3 and live.decisions:
            live.accept(chance.choice(live.decisions))
    live.pass_time(until)
    report = dry_run(watches, story.signals, until=until)

    assert report.decisions == live.decisions
    assert report.messages == live.messages


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_trace_says_why_for_every_price(kind: str) -> None:
    """Each watch that asks for prices says of each, in a sentence, what it made of it."""
    story = an_hour(seed=1)
    report = dry_run([of_kind(kind)], story.signals)
    seen = {trace.place for trace in report.traces}
    prices = {each.place for each in story.signals if type(each).__name__ == "Priced"}

    if kind != "expires" and of_kind(kind).when.asks_for_price:
        assert prices <= seen
    assert all(trace.sentence for trace in report.traces)
