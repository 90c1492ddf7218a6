from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.meant import Meant
from conscope_app.alerting.watches.ready_watch import ReadyWatch
from conscope_app.alerting.watches.watch import Watch
from tests.alerting.watches.stories import a_watch

names = st.sampled_from("abcdef")
subjects = st.lists(st.sampled_from(["x", "y", "z"]), max_size=3)


@given(st.lists(st.tuples(names, st.none() | subjects, st.booleans())))
def test_the_index_finds_what_a_scan_finds(
    steps: list[tuple[str, list[str] | None, bool]],
) -> None:
    """Whatever is put, put anew and removed, and asked in between."""
    index, known = WatchIndex(), dict[str, Watch]()
    for watch_id, about, is_asked in steps:
        if about is None:
            index.remove(watch_id)
            known.pop(watch_id, None)
        else:
            known[watch_id] = a_watch(watch_id, what={"subjects": about})
            index.put(known[watch_id])
        if is_asked:
            index.about("x")

    assert len(index) == len(known)
    for subject in ("x", "y", "z", "none of them"):
        scan = sorted(
            watch.id
            for watch in known.values()
            if not watch.what.subjects or subject in watch.what.subjects
        )
        assert [ready.id for ready in index.about(subject)] == scan
        assert index.concerns(subject) == bool(scan)


def test_the_same_filter_sees_the_same_prices() -> None:
    """Order and case of the patterns make no difference, a currency does."""
    first = a_watch("a", what={"only": {"section": ["Floor", "lower*"], "row": ["1"]}})
    second = a_watch("b", what={"only": {"row": ["1"], "section": ["Lower*", "floor"]}})
    third = a_watch("c", when={"target": {"at_most": 1}, "currency": "EUR"})
    index = WatchIndex([first, second, third])
    keys = [ready.scope.key for ready in index.about("evt")]

    assert keys[0] == keys[1] != keys[2]


def test_watches_are_sorted_by_whether_they_mean_an_item() -> None:
    """Those of each item are named in any case: one may have raised an alert of its own."""
    floor = {"only": {"section": ["Floor"]}}
    index = WatchIndex(
        [
            a_watch("all"),
            a_watch("each", what={"each": "item", **floor}),
            a_watch("floor", what=floor),
            a_watch("floor too", what=floor),
        ]
    )

    on_the_floor = index.meant_by("x", {"section": "Floor"})
    above = index.meant_by("x", {"section": "Upper"})

    assert ids(on_the_floor.of_each) == ["each"]
    assert ids(on_the_floor.of_others) == []
    assert [ids(each) for _, each in on_the_floor.of_best] == [["all"], ["floor", "floor too"]]
    assert ids(above.of_each) == []
    assert ids(above.of_others) == ["each"]
    assert [ids(each) for _, each in above.of_best] == [["all"]]
    assert above.without({"all", "each"}) == Meant((), (), ())

    index.remove("all")
    assert index.meant_by("x", {}).of_best == ()


def test_those_who_look_at_the_same_share_what_was_found_out() -> None:
    index = WatchIndex(a_watch(name, what={"only": {"row": ["A"]}}) for name in "ab")

    first, second = index.about("x")

    assert first.scope is second.scope


def ids(watches: Iterable[ReadyWatch]) -> list[str]:
    return [one.id for one in watches]
