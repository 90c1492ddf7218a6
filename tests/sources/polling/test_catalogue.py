"""Walks through the catalogue: which span is next, page by page, in halves where paging ends."""

import itertools
from datetime import datetime, timedelta

import pytest

from conscope_app.sources.adapter import Request
from conscope_app.sources.polling.catalogue import FURTHEST_DAYS, SHORTEST, Catalogue, Page, Span
from tests.sources.polling.adapters import NOON, SmallAdapter

DAY = timedelta(days=1)


class Feed(SmallAdapter):
    """A source that does not look at the time, and says how often it is asked."""

    most_events_per_request = 0
    every_s = 90.0

    def catalogue(self, begin: datetime, end: datetime) -> Request:
        return Request("/all")


def walk(catalogue: Catalogue, page: Page, *, now: datetime = NOON, is_cut: bool = False) -> None:
    """Hear a page that is the last one, or one that is cut."""
    catalogue.heard(page, ("e",), None, is_cut=is_cut, now=now)


def walked(catalogue: Catalogue) -> list[Page]:
    """All pages that are due, in their order."""
    pages = []
    while (page := catalogue.next_page(NOON)) is not None:
        pages.append(page)
        walk(catalogue, page)
    return pages


def test_all_the_time_to_come_is_walked_once_without_a_gap() -> None:
    """The nearest first, from today on for a year."""
    pages = walked(Catalogue(SmallAdapter(), [], NOON))

    assert pages[0].begin == NOON.replace(hour=0)
    assert all(one.end == next_.begin for one, next_ in itertools.pairwise(pages))
    assert pages[-1].end >= NOON + (FURTHEST_DAYS - 1) * DAY


@pytest.mark.parametrize("days", range(0, 35, 3))
def test_spans_have_no_gap_on_any_day(days: int) -> None:
    """Whatever day of the week it is."""
    spans = Catalogue(SmallAdapter(), [], NOON + days * DAY).spans

    assert all(one.end == next_.begin for one, next_ in itertools.pairwise(spans))
    assert all(span.begin < span.end for span in spans)


def test_near_spans_are_walked_more_often() -> None:
    """Today's each quarter of an hour; one in a year once a day."""
    catalogue = Catalogue(SmallAdapter(), [], NOON)
    walked(catalogue)
    spans = catalogue.spans

    assert spans[0].every(NOON) == timedelta(minutes=15)
    assert spans[-1].every(NOON) == DAY
    assert [span.every(NOON) for span in spans] == sorted(span.every(NOON) for span in spans)


def test_what_paging_does_not_reach_is_walked_in_halves() -> None:
    """And in halves of halves, down to half an hour."""
    catalogue = Catalogue(SmallAdapter(), [], NOON)
    first = catalogue.next_page(NOON)
    assert first is not None
    walk(catalogue, first, is_cut=True)
    lengths = []
    while True:
        page = catalogue.next_page(NOON)
        assert page is not None
        if page.span.begin != first.span.begin:
            break
        lengths.append(page.end - page.begin)
        walk(catalogue, page, is_cut=True)

    assert min(lengths) >= SHORTEST
    assert (
        sum(length for length in map(timedelta.total_seconds, lengths) if length == 2700) == 86400
    )


def test_a_long_walk_gives_way_to_a_short_one_and_goes_on_after_it() -> None:
    """Today is not left alone while a month is being read."""
    catalogue = Catalogue(SmallAdapter(), [], NOON)
    walked(catalogue)
    far = catalogue.spans[-1]
    far.walked_at = NOON - 3 * DAY
    catalogue.stretch = 1.0  # what is due is worked out anew
    page = catalogue.next_page(NOON)
    assert page is not None
    catalogue.heard(page, (), Request("/all", (("page", "2"),)), is_cut=False, now=NOON)
    assert page.span is far
    later = NOON + timedelta(minutes=61)

    near = catalogue.next_page(later)
    assert near is not None
    assert near.span is catalogue.spans[0]
    for _ in range(len(catalogue.spans)):
        walk(catalogue, near, now=later)
        near = catalogue.next_page(later)
        assert near is not None
        if near.span is far:
            break

    assert near.request.query == (("page", "2"),)


def test_a_walk_goes_on_when_the_spans_are_made_anew() -> None:
    """Each hour they are; a walk that takes longer ends all the same."""
    catalogue = Catalogue(SmallAdapter(), [], NOON)
    page = catalogue.next_page(NOON)
    assert page is not None
    catalogue.move_on(NOON + timedelta(hours=1))

    done = catalogue.heard(page, ("e",), None, is_cut=False, now=NOON + timedelta(hours=1))

    assert done is not None
    assert catalogue.spans[0].walked_at == NOON + timedelta(hours=1)


def test_what_was_walked_is_remembered_across_a_restart_and_a_week() -> None:
    """A span that begins a day later is a part of the one that was walked."""
    catalogue = Catalogue(SmallAdapter(), [], NOON)
    walked(catalogue)
    stored = [
        Span(each.begin, each.end, Request(""), each.walked_at, each.pages, each.events)
        for each in catalogue.spans
    ]

    tomorrow = Catalogue(SmallAdapter(), stored, NOON + DAY)

    assert [span for span in tomorrow.spans[:-1] if span.walked_at is None] == []


def test_a_source_that_does_not_look_at_the_time_is_one_span() -> None:
    """Asked as often as was set."""
    catalogue = Catalogue(Feed(), [], NOON)
    assert len(walked(catalogue)) == 1

    assert catalogue.next_at(NOON) == NOON + timedelta(seconds=90)
    assert catalogue.walked_every(None, NOON) == timedelta(seconds=90)
