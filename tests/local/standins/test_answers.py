"""What the stand-ins answer, without a socket: as documented, to right and to wrong questions."""

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest

from conscope_app.local.standins.exchange import Asked, Reply
from conscope_app.local.standins.misbehaviour import Kind, hectic, misbehaving, well_behaved
from conscope_app.local.standins.standin import KEY, StandIns
from conscope_app.sources.adapter import Answer, Misread
from tests.local.standins.asking import OPENED, Client, a_market

each_vendor = pytest.mark.parametrize("vendor", ["seatgeek", "ticketmaster"])
EVENTS = {"seatgeek": "/2/events", "ticketmaster": "/discovery/v2/events.json"}
KEYS = {"seatgeek": "client_id", "ticketmaster": "apikey"}


def a_client(vendor: str, *, events: int = 200) -> Client:
    return Client(StandIns(a_market(events=events)), vendor)


def ask(client: Client, vendor: str, query: Mapping[str, str]) -> Reply:
    """Ask in one's own words."""
    client.now += timedelta(seconds=1)
    signed = {**query, KEYS[vendor]: KEY}
    return client.standins.answer(Asked(EVENTS[vendor], tuple(signed.items())), client.now)


@each_vendor
def test_an_adapter_finds_every_event_that_is_sold(vendor: str) -> None:
    """By halves of the time, where paging does not reach: 4,000 events are too many for one."""
    client = a_client(vendor, events=4_000)
    found = client.catalogue(OPENED, OPENED + timedelta(days=400))
    sold = {
        str(show.seatgeek_id if vendor == "seatgeek" else show.ticketmaster_id): turn
        for show in client.standins.market.shows
        if getattr(show, f"is_at_{vendor}") and (turn := show.turn(client.now)) is not None
    }
    dated = {
        f"{vendor}-{one}"
        for one, turn in sold.items()
        if (turn.status != "cancelled" if vendor == "seatgeek" else turn.starts_at is not None)
    }
    report = client.standins.report()[vendor]

    assert len(found) > 1_200
    assert found.keys() == dated
    assert (report["invalid"], report["over_a_second"], report["statuses"]) == (
        0,
        0,
        {"200": report["asked"]},
    )


@each_vendor
def test_the_facts_of_an_event_are_those_of_the_market(vendor: str) -> None:
    client = a_client(vendor)
    found = client.catalogue(OPENED, OPENED + timedelta(days=400))
    shows = {
        f"{vendor}-{show.seatgeek_id if vendor == 'seatgeek' else show.ticketmaster_id}": show
        for show in client.standins.market.shows
    }
    moved = 0
    for event_id, market in found.items():
        show = shows[event_id]
        turn = show.turn(client.now)
        assert turn is not None
        assert market.facts.venue.time_zone == show.hall.time_zone
        assert market.facts.performers == (show.act.name,)
        moved += market.facts.starts_at != turn.starts_at

    # SeatGeek has the hour of the doors for a few.
    assert moved <= len(found) // 5 if vendor == "seatgeek" else moved == 0


def test_an_event_has_different_names_at_both() -> None:
    standins = StandIns(a_market())
    both = [
        Client(standins, vendor).catalogue(OPENED, OPENED + timedelta(days=400))
        for vendor in ("seatgeek", "ticketmaster")
    ]
    pairs = [
        (both[0][f"seatgeek-{one}"].facts, both[1][f"ticketmaster-{other}"].facts)
        for one, other in standins.market.pairs().items()
        if f"seatgeek-{one}" in both[0] and f"ticketmaster-{other}" in both[1]
    ]

    assert len(pairs) > 50
    assert sum(one.name != other.name for one, other in pairs) > len(pairs) / 2
    assert sum(one.venue.name != other.venue.name for one, other in pairs) > len(pairs) / 4


def test_a_cancelled_event_is_told_by_one_vendor_and_left_out_by_the_other() -> None:
    standins = StandIns(a_market(events=2_000))
    show, turn = next(
        (show, turn)
        for show in standins.market.shows
        for turn in show.turns
        if turn.status == "cancelled" and show.is_at_seatgeek and show.is_at_ticketmaster
    )
    left, told = Client(standins, "seatgeek"), Client(standins, "ticketmaster")
    left.now = told.now = turn.at

    assert left.read(left.adapter.events([str(show.seatgeek_id)])).markets == []
    (market,) = told.read(told.adapter.events([show.ticketmaster_id])).markets
    assert market.facts.status == "cancelled"


@each_vendor
def test_nobody_is_answered_without_the_key(vendor: str) -> None:
    client = a_client(vendor)
    for query in ((), ((KEYS[vendor], "another"),)):
        reply = client.standins.answer(Asked(EVENTS[vendor], query), OPENED)

        assert reply.status == (403 if vendor == "seatgeek" else 401)
    assert client.standins.report()[vendor]["unsigned"] == 2


@pytest.mark.parametrize(
    ("vendor", "query", "said"),
    [
        ("seatgeek", {"per_page": "5001"}, "page size too large. maximum 5000"),
        ("seatgeek", {"page": "0"}, "from 1"),
        ("seatgeek", {"id": "1,x"}, "whole numbers"),
        ("seatgeek", {"datetime_utc.gte": "soon"}, "not a time"),
        ("seatgeek", {"apikey": KEY}, "unknown"),
        ("ticketmaster", {"page": "5", "size": "200"}, "DIS1035"),
        ("ticketmaster", {"size": "201"}, "DIS1036"),
        ("ticketmaster", {"startDateTime": "2027-03-01"}, "DIS1015"),
        ("ticketmaster", {"per_page": "50"}, "DIS1012"),
    ],
)
def test_an_invalid_question_is_refused_and_counted_and_worse_again(
    vendor: str, query: dict[str, str], said: str
) -> None:
    client = a_client(vendor)
    replies = [ask(client, vendor, query) for _ in range(2)]
    report = client.standins.report()[vendor]

    assert [reply.status for reply in replies] == [400, 400]
    assert said in replies[0].body.decode()
    assert (report["invalid"], report["invalid_again"]) == (2, 1)
    assert KEY not in json.dumps(report)


def test_the_page_that_reaches_too_deep_is_empty_at_seatgeek() -> None:
    """With status 200, and as if there were no events at all."""
    page = json.loads(ask(a_client("seatgeek"), "seatgeek", {"page": "201", "per_page": "50"}).body)

    assert (page["events"], page["meta"]["total"]) == ([], 0)


@each_vendor
def test_more_in_a_second_than_is_allowed_are_refused(vendor: str) -> None:
    client = a_client(vendor)
    client.now = OPENED
    signed = client.adapter.signed(client.adapter.events(["1"]), KEY)
    statuses = [
        client.standins.answer(Asked(signed.path, signed.query), OPENED).status for _ in range(7)
    ]

    assert statuses == [200] * 5 + [429] * 2
    assert client.standins.report()[vendor]["over_a_second"] == 2
    assert client.ask(client.adapter.events(["1"])).status == 200


@each_vendor
def test_a_day_has_so_many_requests_and_the_next_one_as_many_again(vendor: str) -> None:
    client = a_client(vendor)
    client.standins.by_name[vendor].quota.per_day = 3
    replies = [client.ask(client.adapter.events([str(one)])) for one in range(1, 5)]
    headers = {name.lower(): value for name, value in replies[-1].headers.items()}

    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    if vendor == "ticketmaster":
        midnight = str(int((OPENED + timedelta(days=1)).timestamp() * 1_000))
        assert (headers["rate-limit-available"], headers["rate-limit-reset"]) == ("0", midnight)
        assert [reply.headers["Rate-Limit-Available"] for reply in replies[:3]] == ["2", "1", "0"]
        assert KEY in replies[-1].body.decode()  # the vendor repeats it
    else:
        assert headers["retry-after"] == "Tue, 02 Mar 2027 00:00:00 GMT"
    client.now += timedelta(days=1)
    assert client.ask(client.adapter.events(["1"])).status == 200


def test_the_same_question_within_a_minute_is_counted_and_older_ones_are_forgotten() -> None:
    client = a_client("seatgeek")
    for number in [*range(1, 200), 199, 1]:
        client.ask(client.adapter.events([str(number)]))
    counts = client.standins.by_name["seatgeek"].counts

    assert counts.again_within_a_minute == 1
    assert len(counts._answered) <= 60


@each_vendor
def test_what_has_not_changed_is_not_sent_again(vendor: str) -> None:
    client = a_client(vendor)
    request = client.adapter.catalogue(OPENED, OPENED + timedelta(days=200))
    first = client.ask(request)
    again = client.ask(request, **{"if-none-match": first.headers["ETag"]})

    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert client.standins.report()[vendor]["again_within_a_minute"] == 1


SEEN: dict[Kind, str] = {
    "changed field": "fields refused",
    "empty stats": "unpriced",
    "empty list": "empty",
    "renamed list": "misread",
    "page": "misread",
    "half": "cut",
    "error": "500",
    "busy": "429",
    "silence": "silence",
}


def seen(client: Client) -> str:
    """What a client sees when it asks for all events, in a word or two."""
    request = client.adapter.catalogue(OPENED, OPENED + timedelta(days=200))
    reply = client.ask(request)
    if reply.silence_s:
        return "silence"
    if reply.is_cut:
        return "cut"
    if reply.status != 200:
        return str(reply.status)
    try:
        reading = client.adapter.read(request, Answer(200, {}, reply.body, client.now))
    except Misread:
        return "misread"
    if not reading.markets:
        return "empty"
    if reading.refused:
        return "fields refused"
    is_priced = any(market.currency for market in reading.markets)
    return "priced" if is_priced else "unpriced"


@each_vendor
@pytest.mark.parametrize(("kind", "word"), SEEN.items())
def test_what_goes_wrong_is_seen_and_is_over(vendor: str, kind: Kind, word: str) -> None:
    client = a_client(vendor)
    client.standins.by_name[vendor].misbehaviour.then(kind)

    assert (seen(client), seen(client)) == (word, "priced")
    assert client.standins.report()[vendor]["misbehaved"] == {kind: 1}


def test_misbehaviour_follows_from_the_seed_and_comes_in_every_kind() -> None:
    def month(seed: int) -> list[Kind | None]:
        unruly = misbehaving(seed)
        return [unruly.next(OPENED + timedelta(minutes=5 * step)) for step in range(30 * 288)]

    first = month(1)

    assert first == month(1) != month(2)
    assert {*SEEN, None} == set(first)
    assert 0.02 < sum(kind is not None for kind in first) / len(first) < 0.08


def test_an_outage_is_met_soon_and_again_and_ends_with_requests_not_with_time() -> None:
    for seed in range(20):
        unruly = hectic(seed)
        unruly.chance = 0
        kinds = [unruly.next(OPENED) for _ in range(1_000)]
        begins = kinds.index("error")

        assert begins < 8
        assert kinds[begins : begins + 6] == ["error"] * 6
        assert sum(kind is not None for kind in kinds[:50]) == 6
        assert sum(kind is not None for kind in kinds) == 20 * 6
        for later in range(begins + 50, 994, 50):
            assert len({*kinds[later : later + 6]}) == 1
            assert kinds[later] is not None
            assert kinds[later + 6] is None


def test_a_misbehaving_market_goes_wrong_and_a_well_behaved_one_does_not() -> None:
    for manner in (misbehaving, hectic, well_behaved):
        client = Client(StandIns(a_market(events=20), manner=manner), "seatgeek")
        for _ in range(300):
            client.ask(client.adapter.events(["6000000"]))

        went_wrong = bool(client.standins.report()["seatgeek"]["misbehaved"])
        assert went_wrong == (manner is not well_behaved)
