"""A source that is asked as a whole, as a feed is: it has one request, and that is asked again."""

from datetime import datetime, timedelta

import pytest

from conscope_app.sources.adapter import Request
from conscope_app.sources.polling.catalogue import Catalogue
from conscope_app.sources.polling.plan import Plan
from conscope_app.sources.polling.turns import Asking, Changes, Memory, Rest
from tests.sources.polling.adapters import NOON, SmallAdapter, an_answer

WHOLE = Request("/all")


class AskedAsAWhole(SmallAdapter):
    """It does not look at the time, and knows no single events."""

    most_events_per_request = 0
    every_s = 60.0

    def catalogue(self, begin: datetime, end: datetime) -> Request:
        return WHOLE


def a_plan() -> Plan:
    """A plan of such a source, which was never asked."""
    return Plan(AskedAsAWhole(), Memory(), random=lambda: 0.5, now=NOON)


def answered(plan: Plan, now: datetime, status: int) -> tuple[Asking, Changes, datetime]:
    """The next request, answered with this status, and when that was."""
    while isinstance(asking := plan.next(now), Rest):
        now = asking.until
    plan.spend(asking, now)
    return asking, plan.hear(asking, an_answer(at=now, status=status)), now


@pytest.mark.parametrize("status", [302, 400, 404, 410])
def test_a_refusal_is_a_failure(status: int) -> None:
    """It is told as one, and the source is asked again after longer and longer pauses."""
    plan, now, moments = a_plan(), NOON, []
    for _ in range(12):
        asking, changes, now = answered(plan, now, status)
        moments.append(now)
        assert asking.request == WHOLE
        assert changes.refused is None

    assert plan.health(now).state == "failing"
    assert f"answered with {status}" in plan.health(now).reason
    assert moments[1] - moments[0] < timedelta(seconds=5)
    assert timedelta(minutes=2) < moments[-1] - moments[-2] <= timedelta(minutes=5)


def test_it_is_well_again_with_its_next_answer() -> None:
    """A page that was moved for an hour keeps nobody away for ever."""
    plan, now = a_plan(), NOON
    for status in (404, 404, 404, 200):
        _, _, now = answered(plan, now, status)

    assert plan.health(now).state != "failing"
    assert plan.answered_at == now


def test_after_a_further_page_was_refused_the_first_one_is_asked_for() -> None:
    """What it was asked with, such as a cursor, may be over."""
    plan = a_plan()
    page = plan.catalogue.next_page(NOON)
    assert page is not None
    second = Request("/all", (("after", "7"),), page=2)
    plan.catalogue.heard(page, (), second, is_cut=False, now=NOON)

    refused, _, now = answered(plan, NOON, 400)
    again, _, _ = answered(plan, now, 200)

    assert refused.request == second
    assert again.request == WHOLE


def test_a_walk_that_has_no_parts_is_not_halved() -> None:
    """Each half would be the same request."""
    catalogue = Catalogue(AskedAsAWhole(), [], NOON)
    page = catalogue.next_page(NOON)
    assert page is not None

    walk = catalogue.heard(page, (), None, is_cut=True, now=NOON)

    assert walk is not None
    assert catalogue.next_page(NOON) is None
