"""What each kind of answer changes about what is asked next."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from conscope_app.sources.adapter import Answer
from conscope_app.sources.polling.answers import Failed, Trouble
from conscope_app.sources.polling.events import EventState
from conscope_app.sources.polling.plan import Plan
from conscope_app.sources.polling.turns import Asking, Changes, Memory, Rest
from tests.sources.polling.adapters import NOON, Item, SmallAdapter, an_answer

SECOND = timedelta(seconds=1)
TONIGHT = NOON + timedelta(hours=8)


def half() -> float:
    """No jitter."""
    return 0.5


def a_plan(*events: EventState, **memory: object) -> Plan:
    """A plan of a source whose catalogue was walked just now."""
    plan = Plan(SmallAdapter(), Memory(events=events), random=half, now=NOON)
    for span in plan.catalogue.spans:
        span.walked_at, span.events = NOON, 1
    return plan


def an_event(name: str = "e", **changes: object) -> EventState:
    """An event of tonight that was never looked at."""
    return EventState(name, **{"starts_at": TONIGHT, **changes})  # type: ignore[arg-type]


def ask(plan: Plan, now: datetime = NOON + SECOND) -> tuple[Asking, datetime]:
    """The next request, counted, and when it went out."""
    while isinstance(asking := plan.next(now), Rest):
        now = max(asking.until, now + SECOND)
        assert now < NOON + timedelta(days=2), asking.reason
    plan.spend(asking, now)
    return asking, now


def tell(plan: Plan, answer: Callable[[datetime], Answer]) -> tuple[Asking, Changes]:
    """Ask, and answer like that."""
    asking, now = ask(plan)
    return asking, plan.hear(asking, answer(now))


def status(code: int, **headers: str) -> Callable[[datetime], Answer]:
    """An answer with that status."""
    return lambda now: an_answer(status=code, at=now, **headers)


def test_an_event_at_a_milestone_is_asked_for_first() -> None:
    """Twelve hours before was four hours ago, and nobody has looked since."""
    far = an_event("far", starts_at=NOON + timedelta(days=60))
    asking, _ = ask(a_plan(far, an_event()), NOON + timedelta(minutes=30))

    assert asking.purpose == "milestone"
    assert asking.request.event_ids[0] == "e"


def test_what_was_seen_is_left_alone_for_its_time() -> None:
    """A look each quarter of an hour on its last day, and its milestones."""
    plan = a_plan(an_event())
    tell(plan, lambda now: an_answer(Item("e", TONIGHT, Decimal(50)), at=now))

    rest = plan.next(NOON + timedelta(minutes=20))
    asking, now = ask(plan, NOON + timedelta(minutes=20))

    assert isinstance(rest, Rest | Asking)
    assert now - NOON < timedelta(minutes=40)
    assert asking.purpose in {"look", "catalogue"}


def test_nothing_changed_counts_as_seen() -> None:
    """The answer that the ETag stands for was published before it was noted."""
    plan = a_plan(an_event())
    tell(plan, lambda now: an_answer(Item("e", TONIGHT), at=now, etag='"7"'))
    plan.timetable.events["e"].seen_at = NOON - timedelta(days=1)
    plan.timetable.schedule_all(NOON)

    asking, changes = tell(plan, status(304))

    assert asking.etag == '"7"'
    assert changes.reading is None
    assert [each.event_id for each in changes.events] == ["e"]
    assert plan.timetable.events["e"].seen_at == changes.events[0].asked_at
    assert plan.health(NOON).state != "failing"


@pytest.mark.parametrize("code", [401, 403])
def test_a_key_that_is_not_accepted_is_used_no_more(code: int) -> None:
    """Until it changes: the next one begins without what barred this one."""
    plan = a_plan(an_event())
    tell(plan, status(code))

    assert isinstance(plan.next(NOON + timedelta(days=1)), Rest)
    assert plan.health(NOON).state == "not authorised"
    assert str(code) in plan.health(NOON).reason


@pytest.mark.parametrize(("code", "standing"), [(400, "refused"), (404, "gone"), (410, "gone")])
def test_a_request_that_is_at_fault_is_not_sent_again(code: int, standing: str) -> None:
    """Of one event: it is not asked for by its id any more."""
    plan = a_plan(an_event())
    asking, changes = tell(plan, status(code))

    assert changes.events[0].standing == standing
    assert changes.refused is not None
    later = NOON + timedelta(hours=5)
    for _ in range(40):
        again, later = ask(plan, later + SECOND)
        assert again.request != asking.request
        plan.hear(again, an_answer(at=later))


def test_of_a_batch_that_is_refused_the_halves_are_asked_for() -> None:
    """Until the one that is at fault is alone."""
    plan = a_plan(*(an_event(f"e{number}") for number in range(4)))
    asked = []
    for _ in range(5):
        asking, now = ask(plan)
        asked.append(asking.request.event_ids)
        is_faulty = "e3" in asking.request.event_ids
        items = [Item(each, TONIGHT) for each in asking.request.event_ids]
        plan.hear(asking, an_answer(*items, at=now, status=400 if is_faulty else 200))

    assert [len(each) for each in asked] == [4, 2, 2, 1, 1]
    standings = {each.event_id: each.standing for each in plan.timetable.events.values()}
    assert standings == {"e0": "open", "e1": "open", "e2": "open", "e3": "refused"}


def test_an_event_that_is_missing_from_an_answer_says_nothing_of_its_price() -> None:
    """It was not seen; nothing of it is published; it is asked for again soon."""
    plan = a_plan(an_event("a"), an_event("b"))
    _, changes = tell(plan, lambda now: an_answer(Item("a", TONIGHT), at=now))
    missing = plan.timetable.events["b"]

    assert changes.reading is not None
    assert [each.event_id for each in changes.reading.markets] == ["a"]
    assert (missing.seen_at, missing.misses, missing.standing) == (None, 1, "open")
    again, now = ask(plan)
    assert again.request.event_ids[0] == "b"
    assert now - NOON < timedelta(minutes=5)


def test_empty_answers_make_the_source_unhealthy() -> None:
    """The market is not quiet: nothing is known of it."""
    plan = a_plan(an_event("a"), an_event("b"))
    for _ in range(3):
        tell(plan, lambda now: an_answer(at=now))

    assert plan.health(NOON + timedelta(minutes=10)).state == "empty"


def test_short_answers_make_the_source_unhealthy() -> None:
    """Four of eight are not the market."""
    plan = a_plan(*(an_event(f"e{number}") for number in range(40)))
    for _ in range(10):
        asking, now = ask(plan)
        some = asking.request.event_ids[::2]
        plan.hear(asking, an_answer(*(Item(each, TONIGHT) for each in some), at=now))

    health = plan.health(NOON + timedelta(minutes=1))
    assert health.state == "short"
    assert "20 of 40" in health.reason


def test_too_many_requests_are_answered_with_the_rest_that_was_asked_for() -> None:
    """To the second."""
    plan = a_plan(an_event())
    asking, now = ask(plan)
    plan.hear(asking, an_answer(status=429, at=now, **{"retry-after": "90"}))

    rest = plan.next(now + SECOND)
    assert isinstance(rest, Rest)
    assert rest.until == now + timedelta(seconds=90)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(200, {"content-type": "text/html"}, b"<p>", NOON), id="a page"),
        pytest.param(Answer(200, {}, b" <!DOCTYPE html>", NOON), id="a page that says it is not"),
        pytest.param(Answer(200, {}, b'{"items": []}', NOON), id="another shape"),
        pytest.param(Answer(500, {}, b"", NOON), id="the server failed"),
    ],
)
def test_what_cannot_be_read_is_a_failure_and_no_news(answer: Answer) -> None:
    """The fifth in a row opens the breaker; nothing of it is published."""
    plan = a_plan(an_event())
    for _ in range(5):
        asking, now = ask(plan)
        changes = plan.hear(asking, answer._replace(received_at=now))
        assert changes.reading is None

    assert plan.breaker.state == "open"
    assert plan.health(now).state == "failing"
    assert plan.timetable.events["e"].seen_at is None


def test_silence_is_a_failure_with_its_kind() -> None:
    """And the source is well again with the next answer."""
    plan = a_plan(an_event())
    for _ in range(3):
        asking, now = ask(plan)
        plan.fail(asking, Failed(Trouble.TIMEOUT, "no answer in time"), now)
    assert plan.health(now) == ("failing", "no answer in time")

    tell(plan, lambda now: an_answer(Item("e", TONIGHT), at=now))

    assert plan.breaker.state == "closed"


def test_one_that_is_watched_is_looked_at_more_often() -> None:
    """Somebody waits for its price."""
    far = NOON + timedelta(days=60)
    plan = a_plan(
        an_event("watched", starts_at=far, seen_at=NOON),
        an_event("other", starts_at=far, seen_at=NOON),
    )
    plan.watch({"watched"})
    plan.timetable.schedule_all(NOON)
    asked = []
    now = NOON
    while now < NOON + timedelta(hours=20):
        asking, now = ask(plan, now + SECOND)
        asked += asking.request.event_ids
        if asking.page is None:
            items = [Item(each, far) for each in asking.request.event_ids]
            plan.hear(asking, an_answer(*items, at=now))
        else:
            plan.hear(asking, an_answer(at=now))

    assert asked.count("watched") > asked.count("other")


def test_what_is_stored_is_enough_to_go_on() -> None:
    """A restart asks for nothing that was answered, and counts what was spent."""
    plan = a_plan(an_event())
    asking, now = ask(plan)
    hour, count = plan.spend(asking, now)
    changes = plan.hear(asking, an_answer(Item("e", TONIGHT), at=now))

    again = Plan(
        SmallAdapter(per_day=count),
        Memory(events=changes.events, used={hour: count}),
        random=half,
        now=now,
    )

    rest = again.next(now + SECOND)
    assert isinstance(rest, Rest)
    assert rest.reason == "the day's requests are used up"
