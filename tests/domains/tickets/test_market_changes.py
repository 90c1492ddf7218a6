"""What changed between two snapshots: the rules of docs/events.md, each with its row."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from conscope_app.core.clock import to_epoch_ms
from conscope_app.domains.tickets.last_market import LastMarket
from conscope_app.domains.tickets.market_tracking import judge
from conscope_app.domains.tickets.market_validation import read_snapshot
from conscope_app.domains.tickets.processed_market import Change, MarketKind
from tests.factories import NOON, a_snapshot_value, some_facts

HOUR = timedelta(hours=1)

Said = tuple[str, str, str | None, str | None]


def after(*looks: dict[str, Any]) -> tuple[MarketKind, tuple[Change, ...]]:
    """What the last of these looks was, an hour lying between one and the next."""
    last: LastMarket | None = None
    kind: MarketKind | None = None
    changes: tuple[Change, ...] = ()
    for hours, look in enumerate(looks):
        at = NOON + hours * HOUR
        facts = some_facts(**look.get("facts", {}))
        fields = {"observed_at": at, **look, "facts": facts}
        snapshot = read_snapshot(a_snapshot_value(**fields), to_epoch_ms(NOON + 10 * HOUR))
        kind, changes, last = judge(last, snapshot)
    assert kind is not None
    return kind, changes


def said(*looks: dict[str, Any]) -> list[Said]:
    """The changes of the last look, without the names of presales."""
    return [(each.kind, each.because, each.old, each.new) for each in after(*looks)[1]]


def facts(**fields: Any) -> dict[str, Any]:
    return {"facts": fields}


def presale(starts: timedelta | None, ends: timedelta | None = None) -> dict[str, Any]:
    """A look that knows of a presale, its times counted from the first look."""
    times = {"starts_at": starts, "ends_at": ends}
    moments = {name: NOON + at for name, at in times.items() if at is not None}
    return facts(presales=[{"name": "Fans", **moments}])


NOTHING_SAID: dict[str, Any] = {
    "lowest": ...,
    "listing_count": ...,
    "availability": ...,
    **facts(status=..., starts_at=..., local_date=..., local_time=...),
}
NEW_DAY = facts(starts_at="2027-06-01T17:00:00Z", local_date="2027-06-01")
OLD_TIME, NEW_TIME = "2027-05-15T17:00:00Z", "2027-06-01T17:00:00Z"


@pytest.mark.parametrize(
    ("before", "then", "expected"),
    [
        pytest.param(
            facts(status="scheduled"),
            facts(),
            [("on_sale", "said", "scheduled", "on_sale")],
            id="on sale",
        ),
        pytest.param(
            facts(status=..., on_sale_at=NOON + HOUR / 2),
            facts(status=...),
            [("on_sale", "time", "scheduled", "on_sale")],
            id="the time of the sale came",
        ),
        pytest.param(
            facts(status="scheduled", on_sale_at=NOON + HOUR / 2),
            facts(status="scheduled", on_sale_at=NOON + HOUR / 2),
            [],
            id="who says that it is not on sale is believed",
        ),
        pytest.param(
            facts(),
            facts(status="off_sale"),
            [("off_sale", "said", "on_sale", "off_sale")],
            id="off sale",
        ),
        pytest.param(
            facts(status=..., on_sale_at=NOON, off_sale_at=NOON + HOUR),
            facts(status=...),
            [("off_sale", "time", "on_sale", "off_sale")],
            id="the end of the sale came",
        ),
        pytest.param(
            facts(status="off_sale"),
            facts(),
            [("back_on_sale", "said", "off_sale", "on_sale")],
            id="back on sale",
        ),
        pytest.param(
            {"availability": "available"},
            {"availability": "few_left"},
            [("few_left", "said", "available", "few_left")],
            id="few left",
        ),
        pytest.param(
            {"availability": "few_left"},
            {"availability": "none_left"},
            [("sold_out", "said", "few_left", "none_left")],
            id="sold out",
        ),
        pytest.param(
            {"listing_count": 3},
            {"listing_count": 0},
            [("sold_out", "listings", "available", "none_left")],
            id="the last listing is gone",
        ),
        pytest.param(
            {"listing_count": 0},
            {"listing_count": 2},
            [("back_on_sale", "listings", "none_left", "available")],
            id="a listing came back",
        ),
        pytest.param(
            {"availability": "available", "listing_count": 3},
            {"availability": "available", "listing_count": 0},
            [],
            id="what is said counts before the listings",
        ),
        pytest.param(
            {"listing_count": 0, **facts(status="scheduled")},
            {"listing_count": 2},
            [("on_sale", "said", "scheduled", "on_sale")],
            id="nothing is gone before it could be bought",
        ),
        pytest.param(
            {"availability": "none_left", **facts(status="off_sale")},
            {"availability": "few_left"},
            [("back_on_sale", "said", "off_sale", "on_sale")],
            id="back on sale is said once",
        ),
        pytest.param(
            facts(),
            presale(2 * HOUR),
            [("presale_announced", "said", None, "2026-11-20T14:00:00Z")],
            id="a presale is announced",
        ),
        pytest.param(
            presale(2 * HOUR),
            presale(3 * HOUR),
            [("presale_announced", "said", "2026-11-20T14:00:00Z", "2026-11-20T15:00:00Z")],
            id="a presale is put to another time",
        ),
        pytest.param(
            presale(HOUR / 2),
            presale(HOUR / 2),
            [("presale_began", "time", None, "2026-11-20T12:30:00Z")],
            id="a presale began",
        ),
        pytest.param(
            presale(HOUR / 2),
            facts(),
            [("presale_began", "time", None, "2026-11-20T12:30:00Z")],
            id="a presale that is no longer named began",
        ),
        pytest.param(
            facts(),
            presale(-HOUR, 5 * HOUR),
            [("presale_began", "said", None, "2026-11-20T11:00:00Z")],
            id="a presale is under way when it is first heard of",
        ),
        pytest.param(facts(), presale(-HOUR), [], id="a presale of before, of unknown length"),
        pytest.param(presale(HOUR / 2, HOUR), facts(), [], id="a presale is over already"),
        pytest.param(presale(2 * HOUR), presale(None), [], id="a presale without its time"),
        pytest.param(
            facts(),
            facts(status="postponed"),
            [("postponed", "said", "on_sale", "postponed")],
            id="postponed",
        ),
        pytest.param(
            facts(),
            NEW_DAY,
            [("rescheduled", "said", OLD_TIME, NEW_TIME)],
            id="rescheduled",
        ),
        pytest.param(
            facts(),
            facts(status="rescheduled"),
            [("rescheduled", "said", OLD_TIME, OLD_TIME)],
            id="called rescheduled, with no new time yet",
        ),
        pytest.param(
            facts(),
            facts(starts_at=..., local_time="20:00"),
            [("rescheduled", "said", OLD_TIME, "2027-05-15T20:00")],
            id="another time of the same day",
        ),
        pytest.param(
            facts(),
            facts(starts_at=..., local_date="2027-06-01", local_time=...),
            [("rescheduled", "said", OLD_TIME, "2027-06-01")],
            id="another day, at a time to be announced",
        ),
        pytest.param(
            facts(),
            facts(starts_at="2027-05-15T18:00:00Z"),
            [],
            id="the venue's time stays: the moment was corrected",
        ),
        pytest.param(
            facts(starts_at=..., local_time=...), facts(), [], id="the time becomes known"
        ),
        pytest.param(
            facts(),
            facts(status="cancelled"),
            [("cancelled", "said", "on_sale", "cancelled")],
            id="cancelled",
        ),
        pytest.param(
            facts(status=...),
            facts(status="cancelled"),
            [("cancelled", "said", None, "cancelled")],
            id="cancelled, of which nothing was said",
        ),
        pytest.param(
            {"listing_count": 3},
            {"listing_count": 0, "lowest": None, **facts(status="cancelled")},
            [("cancelled", "said", "on_sale", "cancelled")],
            id="what is cancelled is not sold out",
        ),
        pytest.param(
            facts(status="cancelled"),
            facts(),
            [("back_on", "said", "cancelled", "on_sale")],
            id="back on",
        ),
        pytest.param(
            facts(status="postponed"),
            NEW_DAY | {"facts": {**NEW_DAY["facts"], "status": "rescheduled"}},
            [("rescheduled", "said", OLD_TIME, NEW_TIME)],
            id="a new time for what was postponed",
        ),
        pytest.param(
            facts(),
            facts(name="Another Concert"),
            [("name_changed", "said", "A Concert", "Another Concert")],
            id="another name",
        ),
        pytest.param(
            facts(),
            facts(venue={"name": "An Arena"}),
            [("venue_changed", "said", "A Hall", "An Arena")],
            id="another venue",
        ),
        pytest.param(
            facts(venue={"name": "A Hall", "vendor_id": "7"}),
            facts(venue={"name": "The Hall", "vendor_id": "7"}),
            [],
            id="a venue under another name",
        ),
        pytest.param(
            {}, {"lowest": None}, [("no_price", "said", "50.00 USD", None)], id="no price any more"
        ),
        pytest.param(
            {"lowest": None},
            {"lowest": Decimal("40.10")},
            [("priced", "said", None, "40.10 USD")],
            id="a price again",
        ),
        pytest.param({}, {"lowest": Decimal(40)}, [], id="a price that moves is a price's matter"),
        pytest.param(
            {"availability": "few_left", **presale(5 * HOUR)},
            NOTHING_SAID,
            [],
            id="what is not spoken of has not changed",
        ),
        pytest.param(
            NOTHING_SAID,
            {"availability": "none_left", "lowest": None},
            [],
            id="what is spoken of for the first time has not changed",
        ),
    ],
)
def test_what_changed(before: dict[str, Any], then: dict[str, Any], expected: list[Said]) -> None:
    assert said(before, then) == expected


def test_the_first_sight_is_no_change() -> None:
    """Whatever it says."""
    assert after({"availability": "none_left", **facts(status="cancelled")}) == ("new", ())


def test_what_was_not_spoken_of_meanwhile_is_remembered() -> None:
    """A look that says nothing lies between sold out and back on sale."""
    silent = {"listing_count": None}

    assert said({"listing_count": 0}, silent, {"listing_count": 1}) == [
        ("back_on_sale", "listings", "none_left", "available")
    ]


def test_what_time_brought_is_said_once() -> None:
    """Then the source says the same."""
    unsaid = facts(status=..., on_sale_at=NOON + HOUR / 2)

    assert said(unsaid, unsaid, unsaid) == []
    assert said(unsaid, unsaid, facts()) == []


def test_a_status_between_does_not_end_the_sale() -> None:
    """On sale before it was rescheduled, and after."""
    assert said(facts(), facts(status="rescheduled"), facts()) == []


def test_what_changed_while_it_was_cancelled_is_said_when_it_is_back() -> None:
    """Its new day with it."""
    looks = (facts(), facts(status="cancelled"), NEW_DAY | {"lowest": None})

    assert [kind for kind, *_ in said(*looks)] == ["back_on", "rescheduled", "no_price"]


@pytest.mark.parametrize("hours", [pytest.param(0, id="at once"), pytest.param(-1, id="before")])
def test_what_was_not_seen_later_changes_nothing(hours: int) -> None:
    """However much it differs."""
    late = {"observed_at": NOON + hours * HOUR, **facts(status="cancelled")}

    assert after({}, {"observed_at": NOON, **late}) == ("late", ())
