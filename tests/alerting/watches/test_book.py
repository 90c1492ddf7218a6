"""What is kept of a subject: rows that come back as they were, and no more than is needed."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.alerting.watches import prices
from conscope_app.alerting.watches.book import Book
from conscope_app.alerting.watches.evaluation import observe
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.rows import ROW_FORMAT, Unreadable, subject_prefix
from conscope_app.alerting.watches.scope import scope_of
from conscope_app.alerting.watches.signals import Deleted, Made, Priced, Signal, Tick
from conscope_app.alerting.watches.watch import LONGEST_WINDOW_DAYS, Watch
from tests.alerting.watches.stories import NOON, Story, a_watch
from tests.alerting.watches.wishes import KINDS, kinds, of_kind, seats, steps, story_of


def kept(story: Story, *watches: Watch) -> tuple[Book, dict[bytes, bytes]]:
    """The book after a story, and its rows."""
    index, book, rows = WatchIndex(watches), Book("evt"), dict[bytes, bytes]()
    for signal in story.signals:
        assert not isinstance(signal, Tick)
        if signal.subject != book.subject:
            continue
        if isinstance(signal, Made):
            index.put(signal.watch)
        changes = observe(book, index, signal, signal.recorded_at).changes
        rows = {key: value for key, value in {**rows, **changes}.items() if value is not None}
        if isinstance(signal, Deleted):
            index.remove(signal.watch_id)
    return book, rows


def state(book: Book) -> tuple[object, ...]:
    return book.head, book.items, book.pasts, book.lives, book.enrolled, book.next_due


EVERYTHING = (
    a_watch("a", what={"each": "item"}, when={"low": {}}, sure={"hold_s": 60}),
    a_watch("b", when={"drop": {"percent": 5, "than": "median"}}),
    a_watch("c", what={"together": 2}, to={"expires_at": "2027-01-01T00:00:00Z"}),
)


def test_a_book_comes_back_from_its_rows() -> None:
    story = Story().prices(100, 90, 80, days=1).prices(70, 60, item="A-2", hours=1).gone("A-1")
    book, rows = kept(story.price(50), *EVERYTHING)

    again = Book.from_rows("evt", reversed(rows.items()))

    assert state(again) == state(book)
    assert all(key.startswith(subject_prefix("evt")) for key in rows)


@given(st.lists(kinds, max_size=4, unique=True), steps)
def test_a_book_comes_back_whatever_it_was_told(
    wished: list[str], told: list[tuple[str, str, str, str, float]]
) -> None:
    """A head that is not written again is known from the item that was taken in last."""
    book, rows = kept(story_of(told), *map(of_kind, wished))

    assert state(Book.from_rows("evt", rows.items())) == state(book)


def test_a_signal_touches_few_rows() -> None:
    """However many days and seats there are: the book's head, the seat, the past and its day."""
    story = Story()
    for seat in range(20):
        story.prices(100 + seat, item=f"A-{seat}", days=1)
    watch = a_watch(what={"each": "item"}, when={"drop": {"percent": 50}})
    book, _ = kept(story, watch)
    signal = story.price(99, "A-3").signals[-1]

    outcome = observe(book, WatchIndex([watch]), signal, story.now)

    assert sorted(key.decode()[8] for key in outcome.changes) == ["b", "d", "i", "p"]


def test_the_same_signal_again_changes_nothing() -> None:
    story = Story().price(90)
    index, book = WatchIndex([a_watch()]), Book("evt")
    first = observe(book, index, story.signals[0], story.now)

    again = observe(book, index, story.signals[0], story.now)

    assert first.decisions
    assert (again.changes, again.decisions, again.traces) == ({}, [], [])


@given(st.lists(kinds, max_size=6, unique=True), steps)
def test_without_traces_all_else_is_the_same(
    wished: list[str], told: list[tuple[str, str, str, str, float]]
) -> None:
    """Then nothing is reckoned that would only say why not; rows and decisions are those."""
    index = WatchIndex(map(of_kind, wished))
    traced, untraced = Book("evt"), Book("evt")

    for signal in story_of(told).signals:
        if isinstance(signal, Tick) or signal.subject != "evt":
            continue
        if isinstance(signal, Made):
            index.put(signal.watch)
        whole = observe(traced, index, signal, signal.recorded_at)
        bare = observe(untraced, index, signal, signal.recorded_at, is_traced=False)
        if isinstance(signal, Deleted):
            index.remove(signal.watch_id)

        assert bare == whole._replace(traces=[])


def test_the_time_of_a_book_never_goes_back() -> None:
    """A clock that is put back makes nothing wait longer, and nothing happen earlier."""
    story = Story().price(90).wait(minutes=1).price(85)
    index, book = WatchIndex([a_watch()]), Book("evt")
    observe(book, index, story.signals[0], story.now)

    late = observe(book, index, story.signals[1], story.now - timedelta(days=1))

    assert [decision.at for decision in late.decisions] == [story.now]
    assert book.head.now == story.now


def test_time_alone_is_told_when_it_is_due() -> None:
    story = Story().price(90)
    index, book = WatchIndex([a_watch(sure={"hold_s": 60})]), Book("evt")
    observe(book, index, story.signals[0], story.now)

    assert book.next_due == story.now + timedelta(seconds=60)
    early = observe(book, index, Tick(subject="evt"), story.now + timedelta(seconds=59))
    due = observe(book, index, Tick(subject="evt"), story.now + timedelta(seconds=90))
    assert (len(early.decisions), len(due.decisions)) == (0, 1)
    assert due.decisions[0].at == story.now + timedelta(seconds=60)
    assert book.next_due is None


def test_an_episode_has_the_same_id_on_every_replay() -> None:
    story = Story().prices(90, 120, 80)
    index = WatchIndex([a_watch(), a_watch("v")])
    ids: list[list[str]] = []
    for _ in range(2):
        book = Book("evt")
        outcomes = [observe(book, index, each, story.now) for each in story.signals]
        ids.append([d.episode for o in outcomes for d in o.decisions if d.verdict == "raised"])

    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 4


def test_what_no_watch_can_ask_for_is_forgotten() -> None:
    """After the longest window: items, pasts, days, and when something was told last."""
    watch = a_watch(what={"each": "item"}, often={"rearm": {"after_minutes": 60}})
    story = Story()
    for seat in range(5):
        story.price(50, f"A-{seat}").price(150, f"A-{seat}").gone("A-0")
    story.wait(days=LONGEST_WINDOW_DAYS + 2).price(150, "B-1")

    book, rows = kept(story, watch)

    assert set(book.items) == {"B-1"}
    assert {series.item for series in book.pasts} == {"B-1"}
    assert book.lives == {}
    assert len(rows) == 5  # the head, the watch, and the one item with its past and its day


def test_the_days_of_a_past_are_bounded() -> None:
    story = Story().prices(*range(100, 300), days=1)
    _, rows = kept(story, a_watch(what={"each": "item"}))
    days = [key for key in rows if b'"d"' in key]

    assert len(days) == LONGEST_WINDOW_DAYS + 1


def test_the_item_seen_longest_ago_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was raised for it is over: nobody looks at it any more."""
    monkeypatch.setattr(prices, "MOST_ITEMS", 3)
    story = Story()
    for seat in (1, 2, 3, 1, 4):
        story.prices(50, item=f"A-{seat}")

    book, _ = kept(story, a_watch(what={"each": "item"}))

    assert list(book.items) == ["A-3", "A-1", "A-4"]
    assert set(book.lives["w"]) >= {"A-3", "A-1", "A-4"}


a_row = st.sampled_from([*(f"A-{seat}" for seat in range(1, 7)), "A-2+3", "A-4+5+6", "A-aisle"])


@given(
    st.lists(
        st.tuples(
            seats | a_row, st.sampled_from(["A", "B"]), st.none() | st.sampled_from([1, 2, 3])
        ),
        max_size=30,
    ),
    st.integers(1, 4),
)
def test_the_best_offer_is_kept_up_with(
    changes: list[tuple[str, str, int | None]], together: int
) -> None:
    """It is what a look at everything finds: of equal offers always the same one."""
    scope = scope_of(a_watch(what={"together": together, "only": {"row": ["A"]}}))
    story, book = Story(), Book("evt")
    rows: dict[bytes, bytes | None] = {}
    index = WatchIndex([a_watch(what={"together": together, "only": {"row": ["A"]}})])
    for item, row, price in changes:
        if price is None:
            story.gone(item)
        else:
            story.price(price, item, labels={"row": row})
        rows.update(observe(book, index, story.signals[-1], story.now).changes)
        read_anew = Book.from_rows("evt", [(key, row) for key, row in rows.items() if row])

        assert book.best(scope) == read_anew.best(scope)


@given(st.lists(kinds, max_size=4, unique=True), steps)
def test_the_best_offer_is_known_whoever_asked_for_it_before(
    wished: list[str], told: list[tuple[str, str, str, str, float]]
) -> None:
    """Watches that are made, changed, deleted, expired: none leaves a wrong one behind."""
    book, rows = kept(story_of(told), *map(of_kind, wished))
    read_anew = Book.from_rows("evt", rows.items())

    for kind in KINDS:
        scope = scope_of(of_kind(kind))
        assert book.best(scope) == read_anew.best(scope)


def until(seconds: int) -> dict[str, str]:
    return {"expires_at": (NOON + timedelta(seconds=seconds)).isoformat()}


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param(a_watch(to=until(0)), None, id="expired from the start"),
        pytest.param(a_watch(to=until(1)), None, id="expired later"),
        pytest.param(
            a_watch(), a_watch(what={"only": {"row": ["Z"]}}, version=2), id="changed to another"
        ),
    ],
)
def test_a_scope_that_nobody_watches_any_more(first: Watch, then: Watch | None) -> None:
    """Its best offer is not kept up to date, so it is found anew when it is asked for."""
    story = Story().price(50, "A-1").wait(seconds=2)
    if then is not None:
        story.made(then)
    story.price(60, "A-2").wait(minutes=1).gone("A-1")
    book, _ = kept(story, first)

    best = book.best(scope_of(a_watch("again")))

    assert best is not None
    assert best.items == ("A-2",)


def test_a_row_of_a_later_version_is_left_alone() -> None:
    _, rows = kept(Story().price(90), a_watch())
    key, value = next(iter(rows.items()))
    later = msgspec.msgpack.encode([ROW_FORMAT + 1, *msgspec.msgpack.decode(value)[1:]])

    with pytest.raises(Unreadable, match=f"format {ROW_FORMAT + 1}"):
        Book.from_rows("evt", [(key, later)])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b'["evt","i","A-1"]', b""),
        (b'["evt","i","A-1"]', b"\xc0"),
        (b'["evt","?"]', b"\x92\x01\x90"),
        (b'["evt"]', b"\x92\x01\x90"),
        (b"evt", b"\x92\x01\x90"),
    ],
)
def test_what_is_no_row_is_refused(key: bytes, value: bytes) -> None:
    with pytest.raises(Unreadable):
        Book.from_rows("evt", [(key, value)])


def test_a_watch_that_matches_everything_costs_no_more_than_its_matches() -> None:
    """Watches of other events are not looked at: no trace of them, and none is asked."""
    others = [a_watch(f"o{number}", what={"subjects": [f"o{number}"]}) for number in range(50)]
    index = WatchIndex([a_watch("all"), a_watch("own", what={"subjects": ["evt"]}), *others])
    signal: Signal = Story().price(150).signals[0]
    assert isinstance(signal, Priced)

    outcome = observe(Book("evt"), index, signal, signal.recorded_at)

    assert [trace.watch_id for trace in outcome.traces] == ["all", "own"]
