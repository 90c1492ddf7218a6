"""Runs of snapshots: what becomes of each record, and that repeats change nothing."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscope_app.alerting.watches.control import SIGNAL
from conscope_app.core.clock import to_epoch_ms
from conscope_app.core.record import Record
from conscope_app.core.refusal import Reason
from conscope_app.domains.tickets.folding import REKEYED_FROM, HeldUnreadable, Tracked
from conscope_app.domains.tickets.happenings import HAPPENINGS
from conscope_app.domains.tickets.last_market import decode_last_market, market_key
from conscope_app.domains.tickets.market_tracking import track_markets
from conscope_app.domains.tickets.processed_market import ChangeKind
from tests.factories import NOON, ARecord, a_snapshot_record, some_facts

Fields = dict[str, Any]

MINUTE = timedelta(minutes=1)
ROW = market_key("seatgeek-1", "seatgeek")


def tracked(*records: Record, held: dict[bytes, bytes] | None = None) -> Tracked:
    """One run of partition 0, where all of them belong."""
    return track_markets(records, (held or {}).get, 0, lambda _: 0)


def markets(result: Tracked) -> list[dict[str, Any]]:
    return [json.loads(value) for _, value, _ in result.processed]


def test_a_snapshot_becomes_a_processed_market_as_it_came() -> None:
    """Under its event's id; what is null and what is absent stay so; beside it what changed."""
    result = tracked(
        a_snapshot_record(7, listing_count=3, lowest=None),
        a_snapshot_record(8, observed_at=NOON + MINUTE, listing_count=0, lowest=...),
    )

    first, second = markets(result)
    assert [key for key, _, _ in result.processed] == [b"seatgeek-1", b"seatgeek-1"]
    assert (first["id"], first["kind"], first["changes"]) == ("market_snapshots-0-7", "new", [])
    assert first["lowest"] is None and "lowest" not in second
    assert "median" not in first
    assert second["changes"] == [
        {"kind": "sold_out", "because": "listings", "old": "available", "new": "none_left"}
    ]
    assert result.counts == {"records": 2, "new": 1, "changed": 1, "change:sold_out": 1}


def test_what_changed_is_told_to_watches() -> None:
    """One control record a change, under the event's id, with the venue's zone."""
    venue = {**some_facts()["venue"], "time_zone": "America/New_York"}
    facts = some_facts(venue=venue)
    result = tracked(
        a_snapshot_record(7, listing_count=3, facts=facts),
        a_snapshot_record(8, observed_at=NOON + MINUTE, listing_count=0, facts=facts),
    )

    ((key, value, headers),) = result.happenings
    assert key == b"seatgeek-1"
    assert dict(headers)[SIGNAL]
    told = json.loads(value)
    assert (told["subject"], told["what"], told["source"]) == ("seatgeek-1", "sold_out", "seatgeek")
    assert told["details"]["time_zone"] == "America/New_York"


def test_watches_may_ask_for_all_that_changes() -> None:
    assert set(ChangeKind) <= set(HAPPENINGS)


def test_an_event_at_two_sources_is_known_twice() -> None:
    """What one says does not change what the other said."""
    result = tracked(
        a_snapshot_record(0, listing_count=3),
        a_snapshot_record(1, source="other", listing_count=0, observed_at=NOON + MINUTE),
    )

    assert [market["kind"] for market in markets(result)] == ["new", "new"]
    assert result.changes.keys() == {ROW, market_key("seatgeek-1", "other")}


def test_a_bad_record_is_refused_and_the_next_is_taken() -> None:
    """With its reason, which is counted."""
    bad = ARecord(b"k", b"no json", "market_snapshots")

    result = tracked(bad, a_snapshot_record(1))

    assert [(record, why.reason) for record, why in result.refused] == [(bad, Reason.NOT_JSON)]
    assert len(result.processed) == 1
    assert result.counts == {"records": 2, "new": 1, "dead": 1, "dead:not_json": 1}


def test_a_record_under_another_key_goes_back_once() -> None:
    """Under its event's id; one that did is refused."""
    stranger = a_snapshot_record(3, key=b"theirs")
    marked = a_snapshot_record(4, key=b"theirs", headers=((REKEYED_FROM, b"1-2"),))

    result = tracked(stranger, marked)

    assert result.rekeyed == [(0, b"seatgeek-1", stranger)]
    assert [why.reason for _, why in result.refused] == [Reason.WRONG_PARTITION]
    assert not result.processed and not result.changes


def test_a_table_that_cannot_be_read_refuses_nothing() -> None:
    """It is not the record's fault."""
    with pytest.raises(HeldUnreadable):
        tracked(a_snapshot_record(), held={ROW: b"\xc1"})


statuses = st.sampled_from([..., "scheduled", "on_sale", "off_sale", "postponed", "cancelled"])
some_prices = st.sampled_from([..., None, Decimal(40), Decimal("50.5")])
moments = st.sampled_from([..., *(NOON + minutes * MINUTE for minutes in (2, 5, 9))])
looks: st.SearchStrategy[Fields] = st.builds(
    dict,
    observed_at=st.integers(0, 10).map(lambda minutes: NOON + minutes * MINUTE),
    source=st.sampled_from(["seatgeek", "other"]),
    lowest=some_prices,
    listing_count=st.sampled_from([..., None, 0, 1, 7]),
    availability=st.sampled_from([..., None, "available", "few_left", "none_left"]),
    facts=st.builds(
        some_facts,
        status=statuses,
        on_sale_at=moments,
        local_date=st.sampled_from([..., "2027-05-15", "2027-05-16"]),
        local_time=st.sampled_from([..., "19:00"]),
        starts_at=st.just(...),
        presales=moments.map(
            lambda at: [] if at is ... else [{"name": "Fans", "starts_at": at}],
        ),
    ),
)
runs = st.lists(looks, max_size=12)


def a_run(fields: Sequence[Fields]) -> list[ARecord]:
    """One record after the other, that came when all of it had been seen."""
    return [
        replace(a_snapshot_record(offset, **each), timestamp=to_epoch_ms(NOON + 11 * MINUTE))
        for offset, each in enumerate(fields)
    ]


def told(result: Tracked) -> list[dict[str, Any]]:
    """All that is new of it, without where it stood."""
    found = [market for market in markets(result) if market["kind"] != "late"]
    return [{name: market[name] for name in market if name != "id"} for market in found]


def newest_so_far(fields: Sequence[Fields]) -> list[Fields]:
    """Those that were seen after all before them of their source."""
    newest: dict[str, Any] = {}
    kept = []
    for each in fields:
        if each["source"] not in newest or each["observed_at"] > newest[each["source"]]:
            newest[each["source"]] = each["observed_at"]
            kept.append(each)
    return kept


@settings(max_examples=100)
@given(runs, st.integers(0, 12))
def test_repeats_and_late_records_change_nothing(fields: list[Fields], again: int) -> None:
    """What was the newest when it came is all that counts, however often it comes again."""
    once = tracked(*a_run(newest_so_far(fields)))

    assert told(tracked(*a_run(fields))) == told(once)
    repeated = tracked(*a_run([*fields, *fields[again:]]))
    assert told(repeated) == told(once)
    assert repeated.changes == once.changes


@settings(max_examples=100)
@given(runs, st.integers(0, 12))
def test_it_does_not_matter_where_a_run_ends(fields: list[Fields], at: int) -> None:
    """What the table holds between two runs is all that is known."""
    records = a_run(fields)
    whole = tracked(*records)

    first = tracked(*records[:at])
    second = tracked(*records[at:], held=first.changes)

    assert [*first.processed, *second.processed] == whole.processed
    assert first.changes | second.changes == whole.changes


@settings(max_examples=50)
@given(runs)
def test_a_look_that_says_nothing_changes_nothing(fields: list[Fields]) -> None:
    """But what time alone brings; and nothing of it is taken for a price of nothing."""
    held = tracked(*a_run(fields)).changes
    silent = some_facts(status=..., local_date=..., local_time=..., starts_at=...)
    look = {"observed_at": NOON + 11 * MINUTE, "lowest": ..., "listing_count": ..., "facts": silent}
    known = held.get(ROW)

    result = tracked(*a_run([look]), held=held)

    (market,) = markets(result)
    assert {change["because"] for change in market["changes"]} <= {"time"}
    if known is not None:
        assert decode_last_market(result.changes[ROW]).lowest == decode_last_market(known).lowest
