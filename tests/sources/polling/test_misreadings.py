"""What could not be read is neither missing nor news, and is counted."""

from datetime import timedelta

from conscope_app.sources.adapter import Reading, Refusal
from conscope_app.sources.polling.answers import Heard
from conscope_app.sources.polling.events import sights
from conscope_app.sources.polling.health import Coverage, Signs, health_of
from conscope_app.sources.polling.misreadings import (
    Misreading,
    incomplete,
    misreadings,
    unread_but_there,
)
from tests.sources.polling.adapters import NOON, Item, SmallAdapter, an_answer
from tests.sources.polling.test_plan import a_plan, an_event, ask

WHY = "Expected `int`, got `object`"


def a_reading(*ids: str, refused: tuple[Refusal, ...] = ()) -> Reading:
    """An answer that speaks of these, and holds what was refused."""
    answer = an_answer(*(Item(each) for each in ids))
    return SmallAdapter().read(SmallAdapter().events(ids), answer)._replace(refused=refused)


def test_an_event_that_was_refused_is_there() -> None:
    """One that only lost a field is read, and so is not among these."""
    refused = (Refusal("a", "price", WHY), Refusal("b", None, WHY), Refusal(None, None, WHY))
    reading = a_reading("a", refused=refused)

    assert unread_but_there(reading, sights(reading)) == {"b"}
    assert incomplete(reading, sights(reading)) == 3


def test_an_item_of_a_feed_without_a_price_is_usual() -> None:
    """Unless none has any more: then the answer has another shape."""
    refused = (Refusal("b", "price", "no price"), Refusal("c", "price", "no price"))

    assert incomplete(a_reading("a", refused=refused), {"a"}) == 0
    assert incomplete(a_reading(refused=refused), ()) == 2


def test_places_in_a_list_are_one_field() -> None:
    """With how often, and the last case."""
    found = misreadings(
        [
            Refusal("a", "performers[0].name", "one"),
            Refusal("b", "performers[3].name", "two"),
            Refusal("c", None, "three"),
        ]
    )

    assert found == [
        Misreading("performers[].name", 2, "b", "two"),
        Misreading("", 1, "c", "three"),
    ]


def test_a_refused_event_is_neither_missed_nor_asked_for_at_once() -> None:
    """What is known of it stays, and its milestone was met."""
    plan = a_plan(an_event("a", digest=b"x"))
    asking, now = ask(plan)
    reading = a_reading(refused=(Refusal("a", None, WHY),))
    heard = Heard(reading, sights(reading), unread_but_there(reading, ()), 1)
    changes = plan.hear(asking, an_answer(at=now), heard)
    (event,) = changes.events

    assert (event.misses, event.seen_at, event.digest) == (0, now, b"x")
    assert changes.misread == [Misreading("", 1, "a", WHY)]
    asking, later = ask(plan, now + timedelta(seconds=1))
    assert later - now >= timedelta(minutes=10) or "a" not in asking.request.event_ids


def test_a_source_that_can_hardly_be_read_is_short() -> None:
    """And healthy again as soon as it can be."""
    coverage = Coverage()
    signs = Signs(NOON, NOON, NOON, None, None, 0, 0, known=10, walked=True)
    coverage.note_read(50, 50)
    assert health_of(signs, coverage).state == "short"

    for _ in range(5):
        coverage.note_read(50, 1)
    assert health_of(signs, coverage).state == "healthy"
